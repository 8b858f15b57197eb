//! What goes wrong, comes early or is killed.

use notifyctl::stage::Answer;
use notifyctl::stage::receivers::http::TEAMS_WORKFLOW;
use proto_events::directory::Product;
use proto_events::outcome::State;
use proto_events::{Channel, Service};
use reqwest::StatusCode;
use serde_json::json;
use system_tests::look::{about_cranes, alerted, received, settled};
use system_tests::play::{MEI, Play, play};

#[tokio::test]
async fn what_may_succeed_later_is_retried_and_what_never_will_is_kept_with_the_reason() {
    play(async |play: Play| {
        let mut users = vec![system_tests::play::person(MEI, "mei")];
        users[0].email = "reject.mei@hafen.example".to_owned();
        play.store().put_users(&users).await.unwrap();
        let unavailable = Answer::status(StatusCode::SERVICE_UNAVAILABLE);
        play.receivers
            .script(TEAMS_WORKFLOW, [unavailable.clone(), unavailable]);
        play.receivers
            .script("/hooks/system", [Answer::status(StatusCode::GONE)]);
        let event = play.publish("test_added", about_cranes()).await;
        let entries = settled(&play, &event, 9).await;
        let card = entries
            .iter()
            .find(|entry| entry.channel == Channel::Msteams)
            .unwrap();
        assert_eq!(
            (card.state, card.attempts),
            (State::Accepted, 3),
            "two 503, then taken"
        );
        let account = play.store().account().await.unwrap();
        let mut dead: Vec<String> = account
            .dead_letters
            .iter()
            .map(|(service, reason, count)| format!("{service} {reason} {count}"))
            .collect();
        dead.sort();
        assert_eq!(
            dead,
            [
                "email-sender invalid_address 1",
                "webhook-sender endpoint_gone 1"
            ]
        );
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn an_event_about_a_product_that_is_not_known_yet_waits_for_the_directory() {
    play(async |play: Play| {
        let mut data = about_cranes();
        data["product"] = json!({"id": 99, "name": "Newborn"});
        let event = play.publish("test_added", data).await;
        let newborn = Product {
            id: 99,
            name: "Newborn".to_owned(),
            product_type: 1,
            tags: Vec::new(),
        };
        play.store().put_products(&[newborn]).await.unwrap();
        // Nobody but superusers may see it: admin by mail and Slack, and the system.
        settled(&play, &event, 6).await;
        alerted(&play, &event, &[None, Some("admin")]).await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_service_that_is_killed_and_started_again_goes_on() {
    play(async |mut play: Play| {
        play.fleet.kill(Service::EventRouter).await.unwrap();
        play.fleet.kill(Service::WebhookSender).await.unwrap();
        let event = play.publish("test_added", about_cranes()).await;
        play.fleet
            .start(&[Service::EventRouter, Service::WebhookSender])
            .unwrap();
        settled(&play, &event, 9).await;
        assert_eq!(received(&play, 9).await.len(), 9);
        play.end().await;
    })
    .await;
}
