//! Buttons, fields and boxes: what they are called, and what they do.

use serde_json::json;

use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI};
use crate::history::Happened;

#[tokio::test(flavor = "multi_thread")]
async fn what_no_button_asks_for_does_nothing_to_alerts() {
    let desk = Desk::open().await;
    let event = Happened {
        desk: &desk,
        id: "e1",
        title: "",
    };
    event.alerted(MEI, "As she was told").await;
    let told = desk.read(MEI, "/alerts/").await;
    let id = told["results"][0]["id"].as_str().unwrap();
    let browser = Browser::of(&desk, MEI).await;
    for what in ["burn", ""] {
        let form = [("ids", id), ("do", what)];
        let page = browser.send_on("/alerts", &form).await;
        page.shows("Nothing was done.").shows("As she was told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_that_stand_there_several_times_say_what_they_are_about() {
    let desk = Desk::open().await;
    for name in ["one", "two"] {
        let body = json!({"name": name, "channel": "slack", "address": name});
        let made = desk.send(ADMIN, "POST", "/destinations/", &body).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let browser = Browser::of(&desk, ADMIN).await;
    let page = browser.look("/destinations").await;
    for name in ["one", "two"] {
        page.shows(&format!("aria-label=\"Edit {name}\""))
            .shows(&format!("aria-label=\"Remove “{name}”\""));
    }
    browser
        .look("/profile")
        .await
        .shows("aria-label=\"Revoke “test”\"");
    browser
        .look("/system-settings")
        .await
        .shows("aria-label=\"Send a test message to the Teams channel\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_box_to_tick_belongs_to_it() {
    let desk = Desk::open().await;
    let admin = Browser::of(&desk, ADMIN).await;
    let page = admin.look("/system-settings").await;
    page.shows("aria-describedby=\"enable_finding_sla-help\"")
        .shows("id=\"enable_finding_sla-help\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_not_begun_without_the_name_of_an_event() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    browser
        .look("/templates")
        .await
        .shows("name=\"for\" value=\"\" list=\"for-list\" required");
    for (query, told) in [
        ("", "name the event first"),
        ("?for=+&channel=slack", "name the event first"),
        ("?for=a%2Fb%2Fc", "no template can be called “a/b/c.txt”"),
    ] {
        let seen = browser.look(&format!("/templates/edit{query}")).await;
        assert_eq!(
            (seen.status, seen.location.as_deref()),
            (303, Some("/templates")),
            "{query}"
        );
        browser.look("/templates").await.shows(told);
    }
}
