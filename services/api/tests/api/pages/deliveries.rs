//! What was delivered, looked for.

use chrono::{TimeDelta, Utc};
use proto_events::Reason;
use proto_events::outcome::State;
use serde_json::json;

use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI, OUTSIDER};
use crate::history::Happened;

async fn history(desk: &Desk) {
    for (id, title, person) in [("e1", "<b>Rust</b>", MEI), ("e2", "Salt", OUTSIDER)] {
        let event = Happened { desk, id, title };
        event.decided(json!({"mail": ["mei"]}), json!({})).await;
        event
            .attempted(person, 1, State::Retrying, Some(Reason::Timeout))
            .await;
        let (state, reason) = match person {
            MEI => (State::Dead, Some(Reason::Refused)),
            _ => (State::Delivered, None),
        };
        event.attempted(person, 2, state, reason).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_delivery_stands_there_once_as_its_last_attempt_left_it_and_leads_to_its_story() {
    let desk = Desk::open().await;
    history(&desk).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let page = browser.look("/deliveries").await;
    page.shows("&lt;b&gt;Rust&lt;/b&gt;")
        .shows("Salt")
        .shows("(2)")
        .shows("the receiver refuses this message")
        .shows("&lt;i&gt;seen&lt;/i&gt; at 2")
        .hides("<b>Rust")
        .hides("at 1")
        .shows("value=\"")
        .shows("name=\"since\"");
    let story = page.text.split("href=\"/events/").nth(1).unwrap();
    let story = story.split('"').next().unwrap().replace("&amp;", "&");
    assert_eq!(browser.look(&format!("/events/{story}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_found_by_event_person_channel_outcome_and_time() {
    let desk = Desk::open().await;
    history(&desk).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let soon = (Utc::now() + TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M");
    for query in [
        "event=e2",
        "username=outsider",
        "state=delivered",
        "event=e2&event_name=scan_added&channel=mail",
        &format!("username=outsider&until={soon}"),
    ] {
        let page = browser.look(&format!("/deliveries?{query}")).await;
        page.shows("Salt").hides("Rust");
    }
    for query in [
        "event=none",
        "event_name=test_added",
        "channel=slack",
        "state=accepted",
        &format!("since={soon}"),
    ] {
        let page = browser.look(&format!("/deliveries?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        page.shows("Nothing was sent that fits.");
    }
    browser
        .look("/deliveries?limit=1")
        .await
        .shows("Older")
        .shows("since=");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_cannot_be_read_is_explained_beside_it_and_shown_as_it_was_written() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    for (query, shown) in [
        ("since=%22%3Eyesterday", "value=\"&quot;&gt;yesterday\""),
        ("until=7", "Write a time such as"),
        ("channel=pigeon", "not one of the available choices"),
        ("state=lost", "not one of the available choices"),
        ("username=%3Ci%3E", "Nobody has this username."),
        ("job=7", "Write the id of a job."),
        ("limit=-1", "limit: "),
        ("offset=x", "offset: "),
        ("recipient=x", "not one of the available choices"),
    ] {
        let page = browser.look(&format!("/deliveries?{query}")).await;
        assert_eq!(page.status, 400, "{query}: {}", page.text);
        page.shows(shown)
            .shows("role=\"alert\"")
            .shows("Start anew")
            .hides("<i>");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_superuser_sees_what_was_addressed_to_them() {
    let desk = Desk::open().await;
    history(&desk).await;
    let event = Happened {
        desk: &desk,
        id: "e1",
        title: "",
    };
    event.alerted(MEI, "As she was told").await;
    let browser = Browser::of(&desk, MEI).await;
    let page = browser.look("/deliveries").await;
    page.shows("(1)")
        .shows("As she was told")
        .hides("Salt")
        .hides("outsider")
        .hides("name=\"username\"");
    for query in ["event=e2", "recipient=3", "event=e2&event_source=x"] {
        browser
            .look(&format!("/deliveries?{query}"))
            .await
            .hides("Salt")
            .shows("Nothing was sent");
    }
    let other = browser.look("/deliveries?username=outsider").await;
    assert_eq!(other.status, 400);
    let nobody = browser.look("/deliveries?username=nobody").await;
    assert_eq!(nobody.status, 400);
}
