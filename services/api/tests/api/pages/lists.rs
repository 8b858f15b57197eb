//! What all lists of pages have: pages of their own, and complaints.

use serde_json::json;

use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI, SITE};
use crate::history::Happened;

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_list_are_where_it_is_shown_whatever_address_programs_are_told() {
    let desk = Desk::open().await;
    for id in ["e1", "e2"] {
        let event = Happened {
            desk: &desk,
            id,
            title: "",
        };
        event.alerted(MEI, "As she was told").await;
    }
    let page = Browser::of(&desk, MEI).await.look("/alerts?limit=1").await;
    page.shows("href=\"/alerts?limit=1&amp;offset=1\"")
        .hides(&format!("{SITE}/alerts"));
    let told = desk.read(MEI, "/alerts/?limit=1").await;
    let next = format!("{SITE}/api/v2/alerts/?limit=1&offset=1");
    assert_eq!(told["next"], next);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_field_of_a_list_asks_for_is_complained_of_by_its_name() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    for (path, told) in [
        ("/webhooks?limit=0", "limit: Ask for at least one result."),
        ("/destinations?offset=x", "offset: Write a whole number"),
        ("/destinations?filtered=x", "filtered: Write true or false."),
        ("/dead-letters?limit=x", "limit: Write a whole number"),
        ("/deliveries?last=x", "last: Write true or false."),
        (
            "/notifications/product?offset=x",
            "offset: Write a whole number",
        ),
    ] {
        let seen = browser.look(path).await;
        assert_eq!(seen.status, 400, "{path}");
        seen.shows(told);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_preview_counts_is_looked_for_in_as_many_days() {
    let desk = Desk::open().await;
    let event = Happened {
        desk: &desk,
        id: "e1",
        title: "T",
    };
    event.decided(json!({}), json!({})).await;
    let page = Browser::of(&desk, MEI).await.look("/notifications").await;
    page.shows("href=\"/deliveries?event_name=scan%5Fadded&amp;since=20");
}
