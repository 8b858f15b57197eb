//! What would have reached somebody with the rules as they are.

use proto_events::Column;
use proto_events::directory::{RuleScope, Settings};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use store::EventRecord;
use uuid::Uuid;

use super::{BOTH, desk, is_ticked, put};
use crate::browser::{Browser, Seen};
use crate::desk::{ADMIN, CRANES, Desk, MEI, SHIPS};

/// An event that was decided just now.
async fn happened(desk: &Desk, name: &str, data: &Value) {
    let id = Uuid::new_v4().to_string();
    let body =
        json!({"specversion": "1.0", "id": id, "source": "test", "type": name, "data": data});
    let record = EventRecord {
        source: "test".to_owned(),
        id,
        name: name.to_owned(),
        body: body.to_string(),
        received_at: chrono::Utc::now(),
        directory_version: 1,
        directory_behind: false,
        jobs: 0,
        decisions: RawValue::from_string("{}".to_owned()).unwrap(),
        notes: json!({}),
        unknown_recipients: Vec::new(),
    };
    desk.store().record_events(&[record]).await.unwrap();
}

fn about(product: i64) -> Value {
    json!({"title": "<script>t</script>", "product": {"id": product, "name": "secret name"}})
}

/// What the preview counts for an event, by channel.
fn counted(page: &Seen, event: &str) -> Option<Vec<u32>> {
    let preview = &page.text[page.text.find("<aside").expect("a preview")..];
    let row = preview.split("<tr>").find(|row| row.contains(event))?;
    let cells = row.split("<td class=\"number\">").skip(1);
    Some(
        cells
            .map(|cell| cell.split('<').next().unwrap().parse().unwrap())
            .collect(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_have_reached_somebody_follows_the_rules_just_saved() {
    let desk = desk().await;
    for _ in 0..2 {
        happened(&desk, "scan_added", &about(CRANES)).await;
    }
    happened(&desk, "test_added", &about(SHIPS)).await;
    happened(&desk, "<u>odd</u>", &about(CRANES)).await;
    let browser = Browser::of(&desk, MEI).await;
    let page = browser.look("/notifications").await;
    assert_eq!(counted(&page, "Scan Added"), Some(vec![2]));
    assert_eq!(counted(&page, "Total"), Some(vec![3]));
    // What she may not view did not happen for her, and nothing is told of what did.
    assert_eq!(counted(&page, "Test Added"), None);
    page.shows("&lt;u&gt;odd&lt;/u&gt;")
        .hides("<u>")
        .hides("secret name")
        .hides("script>t<")
        .hides("/events/");
    let form = [
        ("shown", "alert"),
        ("shown", "mail"),
        ("shown", "slack"),
        ("scan_added", "alert"),
        ("scan_added", "mail"),
        ("scan_added", "slack"),
    ];
    let saved = browser.send_on("/notifications", &form).await;
    assert_eq!(counted(&saved, "Scan Added"), Some(vec![2, 2]));
    assert_eq!(counted(&saved, "Total"), Some(vec![2, 2]));
    saved
        .shows("4 messages in all.")
        .shows("2 more messages would go out by Slack, but you have no address there.")
        .hides("odd");
    let muted = [("shown", "alert"), ("muted", "true")];
    let path = format!("/notifications/product/{CRANES}");
    browser
        .send_on(&path, &muted)
        .await
        .shows("Nothing. Once something");
    browser
        .look("/notifications")
        .await
        .shows("Nothing. Once something");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superuser_sees_what_would_have_reached_the_systems_channels_and_goes_to_the_events() {
    let desk = desk().await;
    happened(&desk, "scan_added", &about(CRANES)).await;
    happened(&desk, "scan_added", &about(SHIPS)).await;
    put(&desk, RuleScope::System, Column::ScanAdded, BOTH).await;
    let browser = Browser::of(&desk, ADMIN).await;
    browser
        .look("/notifications/system")
        .await
        .shows("2 more messages would go out by mail, but the system has no address there.");
    let settings = Settings {
        enable_mail_notifications: true,
        enable_msteams_notifications: true,
        mail_notifications_to: "all@hafen.example".to_owned(),
        ..Settings::default()
    };
    desk.store().put_settings(&settings).await.unwrap();
    let page = browser.look("/notifications/system").await;
    assert_eq!(counted(&page, "Scan Added"), Some(vec![2]));
    page.shows("/events/");
    assert_eq!(is_ticked(&page, "scan_added", "msteams"), Some(false));
    let page = browser
        .look(&format!("/notifications/product/{CRANES}"))
        .await;
    assert_eq!(counted(&page, "Scan Added"), Some(vec![1, 1]));
    assert_eq!(is_ticked(&page, "scan_added", "msteams"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_events_only_the_newest_are_looked_at_and_that_is_said() {
    let desk = desk().await;
    for place in 0..501 {
        let name = if place == 0 {
            "sla_breach"
        } else {
            "scan_added"
        };
        happened(&desk, name, &about(CRANES)).await;
    }
    let page = Browser::of(&desk, MEI).await.look("/notifications").await;
    assert_eq!(counted(&page, "Scan Added"), Some(vec![500]));
    assert_eq!(counted(&page, "SLA Breach"), None);
    page.shows("only the newest events, 500 at most, count here");
}
