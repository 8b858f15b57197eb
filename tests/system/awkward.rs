//! What goes wrong, comes early, is hostile or is killed.

use notifyctl::stage::Answer;
use proto_events::directory::Product;
use proto_events::outcome::State;
use proto_events::{Channel, Service};
use reqwest::StatusCode;
use serde_json::json;
use system_tests::look::{about_cranes, alerted, received, settled};
use system_tests::play::{MEI, Play, play, until};

#[tokio::test]
async fn what_may_succeed_later_is_retried_and_what_never_will_is_kept_with_the_reason() {
    play(async |play: Play| {
        let mut users = vec![system_tests::play::person(MEI, "mei")];
        users[0].email = "reject.mei@hafen.example".to_owned();
        play.store().put_users(&users).await.unwrap();
        let unavailable = Answer::status(StatusCode::SERVICE_UNAVAILABLE);
        play.receivers
            .script("/hooks/mei", [unavailable.clone(), unavailable]);
        play.receivers
            .script("/hooks/system", [Answer::status(StatusCode::GONE)]);
        let event = play.publish("test_added", about_cranes()).await;
        let entries = settled(&play, &event, 9).await;
        let hook = entries
            .iter()
            .find(|entry| entry.channel == Channel::Webhooks && entry.recipient.is_some())
            .unwrap();
        assert_eq!(
            (hook.state, hook.attempts),
            (State::Delivered, 3),
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
async fn an_unreadable_message_is_kept_with_the_reason_and_the_others_go_on() {
    play(async |play: Play| {
        for body in [
            b"hello".as_slice(),
            b"{\"specversion\":\"1.0\"}",
            b"\xff\xfe",
            b"",
        ] {
            play.publish_raw("scan_added", body.to_vec()).await;
        }
        let event = play.publish("test_added", about_cranes()).await;
        settled(&play, &event, 9).await;
        let kept = until("four dead letters", async || {
            let account = play.store().account().await.unwrap();
            account
                .dead_letters
                .iter()
                .find(|(service, _, count)| service == "event-router" && *count == 4)
                .cloned()
        })
        .await;
        assert_eq!(kept.1, proto_events::Reason::Unreadable);
        assert_eq!(
            play.world.messages_in_queues().await.unwrap(),
            0,
            "nothing is looped"
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
async fn hostile_text_arrives_as_the_text_it_is() {
    play(async |play: Play| {
        let hostile = "<b>Bold</b> <!channel> {{ 7*7 }} *star* 🚢 \u{202e}rtl";
        let mut data = about_cranes();
        data["title"] = json!(format!("{hostile}\r\nBcc: thief@example.com"));
        data["description"] = json!(hostile);
        let event = play.publish("finding_added", data.clone()).await;
        let messages = received(&play, 9).await;
        settled(&play, &event, 9).await;
        for message in &messages {
            let body = quoted_printable::decode(&message.body, quoted_printable::ParseMode::Robust)
                .unwrap();
            let body = String::from_utf8_lossy(&body);
            assert!(
                body.contains("{{ 7*7 }}") || message.channel == Channel::Slack,
                "a template was evaluated: {body}"
            );
            match message.channel {
                Channel::Mail => {
                    let html = body.split("text/html").nth(1).unwrap();
                    assert!(
                        html.contains("&lt;b&gt;Bold") && !html.contains("<b>Bold"),
                        "{html}"
                    );
                    assert!(!body.lines().any(|line| line.starts_with("Bcc:")), "{body}");
                }
                Channel::Slack => {
                    let fallback = message.json()["text"].as_str().unwrap().to_owned();
                    assert!(
                        !fallback.contains("<!channel>") && fallback.contains("&lt;!channel&gt;"),
                        "{fallback}"
                    );
                }
                Channel::Webhooks => assert_eq!(
                    message.json()["title"],
                    data["title"],
                    "data stays as it is"
                ),
                Channel::Alert | Channel::Msteams => {}
            }
        }
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
