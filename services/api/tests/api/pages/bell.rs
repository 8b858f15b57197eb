//! The bell, and what an open page is told.

use std::time::Duration;

use reqwest::Response;
use store::NewAlert;

use crate::browser::Browser;
use crate::desk::{Desk, MEI, OUTSIDER, alert};

/// How long something may take that takes a moment.
const PATIENCE: Duration = Duration::from_secs(30);

async fn tell(desk: &Desk, user: i64, title: &str) {
    let alerts = [alert(user, title)];
    desk.store().insert_alerts(&alerts).await.unwrap();
}

/// A page that listens.
struct Page {
    response: Response,
    text: String,
}

impl Page {
    async fn open(browser: &Browser, last: &str) -> Self {
        let response = browser.listen("/alerts/stream", last).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let text = String::new();
        Self { response, text }
    }

    /// The lines up to the next empty one; none once the stream has ended.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                return Some(block);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk());
            let chunk = chunk.await.expect("something comes").unwrap()?;
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
    }

    /// The next number of alerts, and the id under which it was told.
    async fn count(&mut self) -> (i64, String) {
        loop {
            let block = self.block().await.expect("the stream goes on");
            let Some(rest) = block.strip_prefix("event: alerts\n") else {
                continue;
            };
            let (id, data) = rest.split_once('\n').unwrap();
            let data = data.strip_prefix("data: {\"count\":").unwrap();
            let count = data.strip_suffix('}').unwrap().parse().unwrap();
            return (count, id.strip_prefix("id: ").unwrap().to_owned());
        }
    }

    async fn ends(&mut self) {
        while self.block().await.is_some() {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bell_rises_and_falls_without_a_reload_and_only_with_ones_own_alerts() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    let mut one = Page::open(&browser, "").await;
    let mut other = Page::open(&Browser::of(&desk, MEI).await, "").await;
    assert!(one.block().await.unwrap().starts_with("retry: "));
    assert_eq!((one.count().await.0, other.count().await.0), (0, 0));
    tell(&desk, OUTSIDER, "Not for mei").await;
    tell(&desk, MEI, "For mei").await;
    assert_eq!((one.count().await.0, other.count().await.0), (1, 1));
    let batch: Vec<_> = (0..3).map(|_| alert(MEI, "Three at once")).collect();
    desk.store().insert_alerts(&batch).await.unwrap();
    assert_eq!((one.count().await.0, other.count().await.0), (4, 4));
    browser.send("/alerts/clear", &[]).await;
    assert_eq!((one.count().await.0, other.count().await.0), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_is_told_what_they_do_not_know_and_nothing_twice() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    tell(&desk, MEI, "First").await;
    let (count, first) = Page::open(&browser, "").await.count().await;
    assert_eq!(count, 1);
    let mut knows = Page::open(&browser, &first).await;
    tell(&desk, MEI, "Second").await;
    let (count, second) = knows.count().await;
    assert_eq!(count, 2);
    assert_ne!(first, second);
    assert_eq!(
        Page::open(&browser, &first).await.count().await,
        (2, second)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_session_or_token() {
    let desk = Desk::open_with(&["--alert-heartbeat=1".to_owned()]).await;
    let (one, other) = (Browser::of(&desk, MEI).await, Browser::of(&desk, MEI).await);
    let (mut of_one, mut of_other) = (Page::open(&one, "").await, Page::open(&other, "").await);
    one.send("/sign-out", &[]).await;
    of_one.ends().await;
    // The other goes on.
    of_other.count().await;
    assert_eq!(of_other.block().await.as_deref(), Some(": still here"));
    let token = desk.store().tokens(Some("mei")).await.unwrap()[0].id;
    desk.store().revoke_token(token).await.unwrap();
    of_other.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_cleanly_when_the_service_stops() {
    let desk = Desk::open().await;
    let mut page = Page::open(&Browser::of(&desk, MEI).await, "").await;
    page.count().await;
    drop(desk);
    page.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_known_hears_nothing() {
    let desk = Desk::open().await;
    let browser = Browser::new(&desk);
    for path in [
        "/alerts/stream",
        "/alerts/newest",
        "/alerts/count",
        "/alerts/count/text",
    ] {
        assert_eq!(browser.look(path).await.status, 401, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_is_told_as_defectdojo_tells_it() {
    let desk = Desk::open().await;
    tell(&desk, MEI, "One").await;
    let browser = Browser::of(&desk, MEI).await;
    assert_eq!(browser.look("/alerts/count").await.text, "{\"count\":1}");
    assert_eq!(browser.look("/alerts/count/text").await.text, "1");
    let page = browser.look("/alerts").await;
    page.shows("data-stream=\"/alerts/stream\"")
        .shows("aria-label=\"Alerts: 1\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_bells_do_not_rise_by_themselves_nobody_listens() {
    let desk = Desk::open_with(&["--alert-refresh=false".to_owned()]).await;
    tell(&desk, MEI, "One").await;
    let browser = Browser::of(&desk, MEI).await;
    let page = browser.look("/alerts").await;
    page.shows("data-count=\"1\"").hides("/alerts/stream");
    assert_eq!(browser.look("/alerts/stream").await.status, 404);
    assert_eq!(browser.look("/alerts/count/text").await.text, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_alerts_are_not_counted_there_is_no_bell() {
    let desk = Desk::open_with(&["--disable-alert-counter=true".to_owned()]).await;
    tell(&desk, MEI, "One").await;
    let browser = Browser::of(&desk, MEI).await;
    let page = browser.look("/notifications").await;
    page.hides("id=\"bell\"").hides("/alerts/stream");
    assert_eq!(browser.look("/alerts/stream").await.status, 404);
    assert_eq!(browser.look("/alerts/count").await.text, "{\"count\":0}");
    assert_eq!(browser.look("/alerts/count/text").await.text, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn below_the_bell_are_the_twelve_newest_cut_to_their_length() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    browser
        .look("/alerts/newest")
        .await
        .shows("No alerts.")
        .hides("Clear all");
    tell(&desk, OUTSIDER, "Secret").await;
    for number in 1..=12 {
        tell(&desk, MEI, &format!("Alert {number:02}")).await;
    }
    let long = NewAlert {
        title: String::new(),
        description: format!("{}<b>{}", "t".repeat(48), "d".repeat(80)),
        url: Some("javascript:alert(1)".to_owned()),
        ..alert(MEI, "")
    };
    desk.store().insert_alerts(&[long]).await.unwrap();
    let newest = browser.look("/alerts/newest").await;
    newest
        .shows("Alert 12")
        .shows("Alert 02")
        .hides("Alert 01")
        .hides("Secret")
        .shows(&format!("<span>{}&lt;b…</span>", "t".repeat(48)))
        .shows(&format!(
            "title=\"{}&lt;b&gt;{}…\"",
            "t".repeat(48),
            "d".repeat(49)
        ))
        .hides("javascript:")
        .shows("Test Added")
        .shows("See all alerts")
        .shows("Clear all");
    assert_eq!(newest.text.matches("<li").count(), 12);
    let page = browser.look("/alerts").await;
    page.hides("javascript:");
}
