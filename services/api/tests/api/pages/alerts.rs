//! One's own alerts.

use store::NewAlert;
use uuid::Uuid;

use crate::browser::Browser;
use crate::desk::{Desk, MEI, OUTSIDER};

async fn alert(desk: &Desk, user: i64, title: &str) -> Uuid {
    let id = Uuid::new_v4();
    let alert = NewAlert {
        id,
        user: Some(user),
        title: title.to_owned(),
        description: "Something happened.".to_owned(),
        url: Some("http://localhost:8080/test/1".to_owned()),
        icon: "info".to_owned(),
        source: "Test Added".to_owned(),
        event_source: "test".to_owned(),
        event_id: "1".to_owned(),
    };
    desk.store().insert_alerts(&[alert]).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_marked_and_removed_and_nobody_elses_are_touched() {
    let desk = Desk::open().await;
    let (one, two) = (
        alert(&desk, MEI, "Rust").await,
        alert(&desk, MEI, "Salt").await,
    );
    let foreign = alert(&desk, OUTSIDER, "Secret").await;
    let browser = Browser::of(&desk, MEI).await;
    let page = browser.look("/alerts").await;
    page.shows("Rust")
        .shows("Salt")
        .hides("Secret")
        .shows("data-count=\"2\"");
    let [one, foreign] = [one, foreign].map(|id| id.to_string());
    let chosen = [
        ("ids", one.as_str()),
        ("ids", foreign.as_str()),
        ("do", "read"),
    ];
    browser
        .send_on("/alerts", &chosen)
        .await
        .shows("1 alert marked as read.")
        .shows("data-count=\"2\"");
    browser
        .look("/alerts?read=false")
        .await
        .hides("Rust")
        .shows("Salt");
    let chosen = [
        ("ids", one.as_str()),
        ("ids", foreign.as_str()),
        ("do", "remove"),
    ];
    browser
        .send_on("/alerts", &chosen)
        .await
        .shows("1 alert removed.")
        .hides("Rust");
    browser
        .send_on("/alerts/clear", &[])
        .await
        .shows("1 alert removed.")
        .hides(&two.to_string());
    Browser::of(&desk, OUTSIDER)
        .await
        .look("/alerts")
        .await
        .shows("Secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_alert_says_is_text() {
    let desk = Desk::open().await;
    alert(&desk, MEI, "<script>alert(1)</script>\"'&").await;
    let page = Browser::of(&desk, MEI).await.look("/alerts").await;
    page.shows("&lt;script&gt;alert(1)&lt;/script&gt;")
        .hides("<script>alert");
}
