//! One's own alerts.

use uuid::Uuid;

use crate::browser::Browser;
use crate::desk::{Desk, MEI, OUTSIDER, alert};

async fn alerted(desk: &Desk, user: i64, title: &str) -> Uuid {
    let alert = alert(user, title);
    let id = alert.id;
    desk.store().insert_alerts(&[alert]).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_marked_and_removed_and_nobody_elses_are_touched() {
    let desk = Desk::open().await;
    let (one, two) = (
        alerted(&desk, MEI, "Rust").await,
        alerted(&desk, MEI, "Salt").await,
    );
    let foreign = alerted(&desk, OUTSIDER, "Secret").await;
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
    alerted(&desk, MEI, "<script>alert(1)</script>\"'&").await;
    let page = Browser::of(&desk, MEI).await.look("/alerts").await;
    page.shows("&lt;script&gt;alert(1)&lt;/script&gt;")
        .hides("<script>alert");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_paged_through_and_whoever_marks_stays_where_they_are() {
    let desk = Desk::open_with(&["--notify-url=http://notify.example".to_owned()]).await;
    let mut ids = Vec::new();
    for number in 1..=30 {
        ids.push(alerted(&desk, MEI, &format!("Alert {number:02}")).await);
    }
    let browser = Browser::of(&desk, MEI).await;
    browser
        .look("/alerts?read=false")
        .await
        .shows("1–25 of 30")
        .shows("Alert 30")
        .hides("Alert 05")
        .shows("href=\"/alerts?limit=25&amp;offset=25&amp;read=false\"");
    let second = "/alerts?limit=25&offset=25&read=false";
    browser
        .look(second)
        .await
        .shows("26–30 of 30")
        .shows("Alert 01")
        .hides("Alert 06");
    let id = ids[0].to_string();
    let form = [("ids", id.as_str()), ("do", "read"), ("back", second)];
    browser
        .send_on("/alerts", &form)
        .await
        .shows("1 alert marked as read.")
        .shows("26–29 of 29");
    let beyond = browser.look("/alerts?offset=99").await;
    beyond
        .shows("do not go back this far")
        .shows("To the newest");
    let nowhere = [
        ("ids", id.as_str()),
        ("do", "unread"),
        ("back", "//evil.example"),
    ];
    let seen = browser.send("/alerts", &nowhere).await;
    assert_eq!(seen.location.as_deref(), Some("/alerts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_says_why_and_a_form_without_alerts_that_nothing_was_done() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    browser
        .look("/alerts")
        .await
        .shows("You have no alerts.")
        .shows("Choose what reaches you");
    let one = alerted(&desk, MEI, "One").await;
    let page = browser.look("/alerts?read=true").await;
    page.shows("You have marked none of your alerts as read.");
    let nothing = browser.send_on("/alerts", &[("do", "remove")]).await;
    nothing
        .shows("tick the alerts first")
        .shows(&one.to_string());
}
