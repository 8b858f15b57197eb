//! What somebody who owns an endpoint since yesterday learns of the time before.

use std::time::Duration;

use proto_events::{Channel, JobId, Service};
use serde_json::{Value, json};
use store::{Attempt, NewWebhook};
use uuid::Uuid;

use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI, OUTSIDER};

/// An endpoint of mei's with a header's value; where it is kept.
async fn meis_endpoint(desk: &Desk) -> (i64, String) {
    let webhook = NewWebhook {
        name: "siem".to_owned(),
        url: "https://siem.hafen.example/in".to_owned(),
        header_name: Some("X-Key".to_owned()),
        header_value: Some("hunter2".to_owned().into()),
        owner: Some(MEI),
    };
    let id = desk.store().add_webhook(&webhook).await.unwrap().unwrap();
    (id, format!("/notification_webhooks/{id}/"))
}

async fn attempted(desk: &Desk, destination: i64, recipient: i64) {
    let attempt = Attempt {
        job: JobId::from(Uuid::new_v4()),
        attempt: 1,
        service: Service::WebhookSender,
        event_source: "test".to_owned(),
        event_id: "1".to_owned(),
        event_name: "scan_added".to_owned(),
        channel: Channel::Webhooks,
        recipient: Some(recipient),
        destination: Some(destination),
        lease: Duration::from_secs(60),
    };
    desk.store().claim(&[attempt]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_owner_does_not_read_what_the_one_before_was_sent() {
    let desk = Desk::open().await;
    let (id, path) = meis_endpoint(&desk).await;
    let endpoint = desk.read(ADMIN, &path).await;
    let destination = endpoint["destination"].as_i64().unwrap();
    attempted(&desk, destination, MEI).await;
    let given = json!({"owner": OUTSIDER});
    let given = desk.send(ADMIN, "PATCH", &path, &given).await;
    assert_eq!(given.status, 200, "{given:?}");

    let deliveries = format!("/deliveries/?destination={destination}");
    for (person, count) in [(ADMIN, 1), (MEI, 1), (OUTSIDER, 0)] {
        let listed = desk.read(person, &deliveries).await;
        assert_eq!(listed["count"], count, "{person}: {listed}");
    }
    let page = format!("/webhooks/{id}");
    let new = Browser::of(&desk, OUTSIDER).await;
    new.look(&page).await.shows("Nothing was sent yet.");
    attempted(&desk, destination, OUTSIDER).await;
    new.look(&page).await.hides("Nothing was sent yet.");
    let everything = Browser::of(&desk, ADMIN).await.look(&page).await;
    everything.hides("Nothing was sent yet.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_value_does_not_follow_an_address_to_another_server() {
    let desk = Desk::open().await;
    let (id, path) = meis_endpoint(&desk).await;
    let elsewhere = "https://other.example/in";
    let moved = |method: &'static str, value: Value| {
        let body = json!({"name": "siem", "url": elsewhere, "header_name": "X-Key", "header_value": value});
        let (desk, path) = (&desk, &path);
        async move { desk.send(MEI, method, path, &body).await }
    };
    for method in ["PATCH", "PUT"] {
        let refused = moved(method, json!("<secret>")).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(refused.body["header_value"].is_array(), "{refused:?}");
    }
    let not_named = json!({"url": elsewhere});
    let refused = desk.send(MEI, "PATCH", &path, &not_named).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    let form = [
        ("name", "siem"),
        ("url", elsewhere),
        ("header_name", "X-Key"),
    ];
    let page = format!("/webhooks/{id}");
    let refused = Browser::of(&desk, MEI).await.send(&page, &form).await;
    assert_eq!(refused.status, 400);
    refused.shows("The address changed");

    // On the same server it stays, and one that is written anew goes along.
    let beside = json!({"url": "https://siem.hafen.example/out"});
    let kept = desk.send(MEI, "PATCH", &path, &beside).await;
    assert_eq!(kept.body["header_value"], "<secret>", "{kept:?}");
    assert_eq!(moved("PATCH", json!("hunter3")).await.status, 200);
    let back = json!({"url": "https://siem.hafen.example/in", "header_value": null});
    assert_eq!(desk.send(MEI, "PATCH", &path, &back).await.status, 200);
}
