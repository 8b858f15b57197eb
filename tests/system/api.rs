//! The API before a running installation: what goes in over HTTP arrives, and what arrived is
//! found over HTTP.

use proto_events::Service;
use serde_json::{Value, json};
use system_tests::api::Api;
use system_tests::look::about_cranes;
use system_tests::play::{Opening, play, play_with, until};

#[tokio::test]
async fn an_event_over_http_reaches_who_may_see_it_and_its_story_can_be_read() {
    let opening = Opening {
        services: vec![Service::EventRouter, Service::AlertWriter],
        ..Opening::default()
    };
    play_with(opening, async |play| {
        let api = Api::serve(&play, &[]).await;
        let (admin, mei) = (
            api.token(&play, "admin").await,
            api.token(&play, "mei").await,
        );
        let outsider = api.token(&play, "outsider").await;
        let event = json!({"specversion": "1.0", "id": "e1", "source": "ci", "type": "test_added",
            "data": about_cranes()});
        let (status, taken) = api.post(&admin, "/events/", &event).await;
        assert_eq!((status, &taken["ids"]), (202, &json!(["e1"])));
        let alerts = until("mei's alert", async || {
            let (_, page) = api.get(&mei, "/alerts/").await;
            (page["count"] == 1).then_some(page)
        })
        .await;
        assert_eq!(alerts["results"][0]["title"], about_cranes()["title"]);
        assert_eq!(api.get(&outsider, "/alerts/").await.1["count"], 0);
        let decided = until("the decision", async || {
            let (status, event) = api.get(&admin, "/events/e1/?source=ci").await;
            (status == 200).then_some(event)
        })
        .await;
        let told = decided["decisions"]["alert"].as_array().unwrap();
        assert!(
            told.contains(&json!("mei")) && !told.contains(&json!("outsider")),
            "{decided}"
        );
        api.stop().await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_test_message_arrives_and_the_delivery_log_tells_so_to_whom_it_was_for() {
    play(async |play| {
        let api = Api::serve(&play, &[]).await;
        let (mei, outsider) = (
            api.token(&play, "mei").await,
            api.token(&play, "outsider").await,
        );
        let (_, places) = api.get(&mei, "/destinations/?channel=mail").await;
        let place = &places["results"][0]["id"];
        let (status, sent) = api
            .post(&mei, "/test_send/", &json!({"destination": place}))
            .await;
        assert_eq!(status, 202, "{sent}");
        let path = format!("/deliveries/?job={}", sent["job"].as_str().unwrap());
        let delivery: Value = until("the delivery", async || {
            let (_, page) = api.get(&mei, &path).await;
            let delivery = page["results"][0].clone();
            (delivery["state"] == "delivered").then_some(delivery)
        })
        .await;
        assert_eq!(
            (&delivery["channel"], &delivery["destination"]),
            (&json!("mail"), place)
        );
        assert_eq!(api.get(&outsider, &path).await.1["count"], 0);
        api.stop().await;
        play.end().await;
    })
    .await;
}
