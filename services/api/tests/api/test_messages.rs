//! Test messages, and the places that they go to.

use chassis::broker::Session;
use proto_events::Service;
use serde_json::{Value, json};

use crate::desk::{ADMIN, Desk, MEI, OUTSIDER};

async fn place_of(desk: &Desk, user: i64, channel: &str) -> i64 {
    let page = desk
        .read(ADMIN, &format!("/destinations/?channel={channel}"))
        .await;
    let mut places = page["results"].as_array().unwrap().iter();
    let place = places.find(|place| place["user"] == user).unwrap();
    place["id"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_takes_the_way_of_all_messages_to_ones_own_places_only() {
    let desk = Desk::open().await;
    let place = place_of(&desk, MEI, "mail").await;
    let body = json!({"destination": place});
    let sent = desk.send(MEI, "POST", "/test_send/", &body).await;
    assert_eq!(
        (sent.status, &sent.body["channel"]),
        (202, &json!("mail")),
        "{sent:?}"
    );
    let refused = desk.send(OUTSIDER, "POST", "/test_send/", &body).await;
    assert_eq!(
        (refused.status, refused.body["destination"].is_array()),
        (400, true)
    );
    let alert = desk.send(OUTSIDER, "POST", "/test_send/", &json!({})).await;
    assert_eq!(
        (alert.status, &alert.body["channel"]),
        (202, &json!("alert"))
    );
    let session = Session::open(desk.world.broker(), "test").await.unwrap();
    for service in [Service::EmailSender, Service::AlertWriter] {
        let queue = desk.world.names().queue(service);
        assert_eq!(
            session.queue_state(&queue).await.unwrap().ready,
            1,
            "{queue}"
        );
    }
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_may_send_what_an_event_would_say_and_nobody_what_is_no_event() {
    let desk = Desk::open().await;
    let event = json!({"specversion": "1.0", "id": "1", "source": "s", "type": "scan_added", "data": {"title": "T"}});
    for (person, event, status) in [
        (ADMIN, &event, 202),
        (MEI, &event, 403),
        (ADMIN, &json!({"type": "scan_added"}), 400),
        (ADMIN, &json!("x"), 400),
    ] {
        let body = json!({ "event": event });
        let sent = desk.send(person, "POST", "/test_send/", &body).await;
        assert_eq!(sent.status, status, "{body}: {sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_with_a_filter_is_made_changed_and_removed() {
    let desk = Desk::open().await;
    let new = json!({"name": "cranes", "channel": "slack", "address": "#cranes", "filter": {"products": [7]}});
    let made = desk.send(ADMIN, "POST", "/destinations/", &new).await;
    assert_eq!(
        (made.status, &made.body["filter"]),
        (201, &json!({"products": [7]})),
        "{made:?}"
    );
    let again = desk.send(ADMIN, "POST", "/destinations/", &new).await;
    assert_eq!((again.status, again.body["name"].is_array()), (400, true));
    let path = format!("/destinations/{}/", made.body["id"]);
    let filter = json!({"filter": {"events": ["scan_added"]}});
    let changed = desk.send(ADMIN, "PATCH", &path, &filter).await;
    assert_eq!(changed.body["filter"], filter["filter"]);
    let wrong = desk
        .send(ADMIN, "PATCH", &path, &json!({"filter": {"colour": "red"}}))
        .await;
    assert_eq!((wrong.status, wrong.body["filter"].is_array()), (400, true));
    assert_eq!(desk.ask(ADMIN, "DELETE", &path).await.status, 204);
    assert_eq!(desk.ask(ADMIN, "GET", &path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_url_of_a_teams_workflow_is_never_read() {
    let desk = Desk::open().await;
    let new = json!({"name": "teams", "channel": "msteams", "msteams_url": "https://teams.example/hunter2"});
    let made = desk.send(ADMIN, "POST", "/destinations/", &new).await;
    assert_eq!(
        (made.status, &made.body["address"]),
        (201, &Value::Null),
        "{made:?}"
    );
    let all = desk.read(ADMIN, "/destinations/").await;
    assert!(!all.to_string().contains("hunter2"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_place_is_refused_with_the_field_named() {
    let desk = Desk::open().await;
    for (body, field) in [
        (json!({"name": "n", "channel": "alert"}), "channel"),
        (json!({"name": "n", "channel": "pigeon"}), "channel"),
        (
            json!({"name": "n", "channel": "mail", "address": "nobody"}),
            "address",
        ),
        (json!({"name": "n", "channel": "slack"}), "address"),
        (
            json!({"name": "n", "channel": "msteams", "msteams_url": "ftp://x/"}),
            "msteams_url",
        ),
        (
            json!({"name": "n", "channel": "webhooks", "address": "http://10.0.0.1/"}),
            "address",
        ),
        (
            json!({"name": "", "channel": "slack", "address": "#c"}),
            "name",
        ),
    ] {
        let refused = desk.send(ADMIN, "POST", "/destinations/", &body).await;
        assert_eq!(
            (refused.status, refused.body[field].is_array()),
            (400, true),
            "{body}: {refused:?}"
        );
    }
    let own = place_of(&desk, MEI, "mail").await;
    let kept = desk
        .ask(ADMIN, "DELETE", &format!("/destinations/{own}/"))
        .await;
    assert_eq!(kept.status, 400);
}
