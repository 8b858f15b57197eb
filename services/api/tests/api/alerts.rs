//! One's own alerts: read, marked, removed.

use proto_events::ids;
use serde_json::{Value, json};
use store::NewAlert;

use crate::desk::{ADMIN, Desk, MEI};

async fn alerts(desk: &Desk, user: i64, events: &[&str]) -> Vec<String> {
    let alert = |event: &&str| NewAlert {
        id: ids::alert("test", event, Some(user)),
        user: Some(user),
        title: format!("<b>{event}</b>"),
        description: "12 findings".to_owned(),
        url: Some("/test/1".to_owned()),
        icon: "info-circle".to_owned(),
        source: "Scan Added".to_owned(),
        event_source: "test".to_owned(),
        event_id: (*event).to_owned(),
    };
    let alerts: Vec<NewAlert> = events.iter().map(alert).collect();
    for alert in &alerts {
        let written = desk
            .store()
            .insert_alerts(std::slice::from_ref(alert))
            .await;
        assert_eq!(written.unwrap().inserted, 1);
    }
    alerts.iter().map(|alert| alert.id.to_string()).collect()
}

fn titles(page: &Value) -> Vec<&str> {
    let results = page["results"].as_array().unwrap();
    results
        .iter()
        .map(|it| it["title"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_come_newest_first_and_only_ones_own() {
    let desk = Desk::open().await;
    alerts(&desk, MEI, &["one", "two", "three"]).await;
    alerts(&desk, ADMIN, &["other"]).await;
    let page = desk.read(MEI, "/alerts/?limit=2").await;
    assert_eq!(page["count"], 3);
    assert_eq!(titles(&page), ["<b>three</b>", "<b>two</b>"]);
    assert_eq!(
        titles(&desk.read(ADMIN, "/alerts/").await),
        ["<b>other</b>"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_was_read_counts_all_the_same_and_can_be_unread_again() {
    let desk = Desk::open().await;
    let ids = alerts(&desk, MEI, &["one", "two"]).await;
    let done = desk
        .send(MEI, "POST", "/alerts/mark_read/", &json!({"ids": ids}))
        .await;
    assert_eq!(done.body, json!({"count": 2}));
    assert_eq!(desk.read(MEI, "/alerts/").await["count"], 2);
    assert_eq!(desk.read(MEI, "/alerts/?read=false").await["count"], 0);
    let path = format!("/alerts/{}/", ids[0]);
    let unread = desk
        .send(
            MEI,
            "PATCH",
            &path,
            &json!({"read": false, "title": "mine"}),
        )
        .await;
    assert_eq!(
        (&unread.body["read"], &unread.body["title"]),
        (&json!(false), &json!("<b>one</b>"))
    );
    assert_eq!(
        titles(&desk.read(MEI, "/alerts/?read=false").await),
        ["<b>one</b>"]
    );
    let done = desk
        .send(MEI, "POST", "/alerts/mark_unread/", &json!({"ids": ids}))
        .await;
    assert_eq!(done.body, json!({"count": 2}));
    assert_eq!(desk.read(MEI, "/alerts/?read=true").await["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn selected_alerts_are_removed_then_all_and_a_late_copy_brings_none_back() {
    let desk = Desk::open().await;
    let mine = alerts(&desk, MEI, &["one", "two", "three"]).await;
    let others = alerts(&desk, ADMIN, &["other"]).await;
    let chosen = json!({"ids": [mine[0], others[0]]});
    let done = desk.send(MEI, "POST", "/alerts/remove/", &chosen).await;
    assert_eq!(done.body, json!({"count": 1}));
    assert_eq!(
        desk.ask(MEI, "DELETE", "/alerts/").await.body,
        json!({"count": 2})
    );
    assert_eq!(desk.read(MEI, "/alerts/").await["count"], 0);
    assert_eq!(desk.read(ADMIN, "/alerts/").await["count"], 1);
    let copy = NewAlert {
        id: mine[0].parse().unwrap(),
        user: Some(MEI),
        title: "late".to_owned(),
        description: String::new(),
        url: None,
        icon: String::new(),
        source: String::new(),
        event_source: "test".to_owned(),
        event_id: "one".to_owned(),
    };
    desk.store().insert_alerts(&[copy]).await.unwrap();
    assert_eq!(desk.read(MEI, "/alerts/").await["count"], 0);
}
