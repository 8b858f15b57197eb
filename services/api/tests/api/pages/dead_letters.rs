//! What was given up, and sending it again.

use proto_events::outcome::State;
use uuid::Uuid;

use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI};
use crate::history::Happened;

const EVENT: &str = "e1";

/// One letter of mei's mail.
async fn given_up(desk: &Desk) -> (Happened<'_>, String) {
    let event = Happened {
        desk,
        id: EVENT,
        title: "T",
    };
    event.given_up(MEI).await;
    let letters = desk.read(ADMIN, "/dead_letters/").await;
    let id = letters["results"][0]["id"].as_str().unwrap().to_owned();
    (event, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_found_read_sent_again_and_shown_as_dealt_with() {
    let desk = Desk::open().await;
    let (_, id) = given_up(&desk).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let at = format!("/dead-letters/{id}");
    for query in [
        "",
        "?service=email-sender&reason=refused&event=e1",
        "?resolved=any",
    ] {
        let page = browser.look(&format!("/dead-letters{query}")).await;
        page.shows(&at)
            .shows("the receiver refuses this message")
            .shows("/events/e1?source=");
    }
    for query in [
        "?resolved=true",
        "?service=slack-sender",
        "?reason=timeout",
        "?event=e2",
    ] {
        let page = browser.look(&format!("/dead-letters{query}")).await;
        page.hides(&at).shows("Nothing that fits.");
    }
    let page = browser.look(&at).await;
    page.shows("&lt;script&gt;1&lt;/script&gt;\\u202e")
        .shows("&lt;script&gt;2&lt;/script&gt;")
        .shows("&lt;script&gt;3&lt;/script&gt; said no")
        .shows(">waits<")
        .hides("<script>1")
        .hides("\u{202e}");
    let page = browser.send_on(&format!("{at}/replay"), &[]).await;
    page.shows("Sent again.")
        .shows("sent again</span>")
        .shows("Dealt with");
    browser.look("/dead-letters").await.hides(&at);
    browser.look("/dead-letters?resolved=true").await.shows(&at);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_meanwhile_is_sent_a_second_time_only_if_somebody_says_so() {
    let desk = Desk::open().await;
    let (event, id) = given_up(&desk).await;
    event.attempted(MEI, 1, State::Delivered, None).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let at = format!("/dead-letters/{id}");
    browser
        .look(&at)
        .await
        .shows("arrived meanwhile")
        .shows("Send a second time");
    let refused = browser.send(&format!("{at}/replay"), &[]).await;
    assert_eq!(refused.status, 400);
    refused
        .shows("role=\"alert\"")
        .shows("under a new id")
        .shows("arrived meanwhile");
    browser
        .send_on(&format!("{at}/replay"), &[("again", "true")])
        .await
        .shows("Sent again.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_discarded_and_whoever_sent_the_form_is_back_where_they_were() {
    let desk = Desk::open().await;
    let (_, id) = given_up(&desk).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let form = [("back", "//evil.example/")];
    let sent = browser
        .send(&format!("/dead-letters/{id}/discard"), &form)
        .await;
    assert_eq!(sent.location, Some(format!("/dead-letters/{id}")));
    browser
        .look(&sent.location.unwrap())
        .await
        .shows("Discarded.")
        .shows(">discarded<");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_were_chosen_are_tried_out_sent_or_discarded_together() {
    let desk = Desk::open().await;
    let (_, id) = given_up(&desk).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let nobodys = Uuid::new_v4().to_string();
    let chosen = |what| {
        [
            ("ids", id.as_str()),
            ("ids", nobodys.as_str()),
            ("ids", "none"),
            ("do", what),
            ("back", "/dead-letters?resolved=any"),
        ]
    };
    let page = browser
        .send_on("/dead-letters/chosen", &chosen("look"))
        .await;
    page.shows("1 letter would be sent; 1 cannot be sent. Nothing was sent.")
        .shows(">waits<");
    let page = browser
        .send_on("/dead-letters/chosen", &chosen("replay"))
        .await;
    page.shows("1 letter sent again; 1 cannot be sent")
        .shows("sent again</span>");
    let page = browser
        .send_on("/dead-letters/chosen", &chosen("discard"))
        .await;
    page.shows("1 letter discarded;").shows(">discarded<");
    browser
        .send_on("/dead-letters/chosen", &[])
        .await
        .shows("Choose some letters first.");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_are_pages_of_letters_the_command_that_sends_them_all_is_shown() {
    let desk = Desk::open().await;
    let (event, _) = given_up(&desk).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let command = "notifyctl dead-letters replay";
    browser.look("/dead-letters").await.hides(command);
    event.given_up(ADMIN).await;
    let page = browser.look("/dead-letters?limit=1").await;
    page.shows(&format!("{command} --all"));
    let query = "limit=1&service=email-sender&event=e1&since=2020-01-02T03:04";
    let page = browser.look(&format!("/dead-letters?{query}")).await;
    page.shows(&format!(
        "{command} --service email-sender --event e1 --since 2020-01-02T03:04:00Z"
    ));
    let page = browser.look("/dead-letters?limit=1&resolved=any").await;
    page.hides(command);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_filters_and_strange_ids_are_told_apart_from_faults() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    for query in [
        "service=<b>",
        "reason=x",
        "since=x",
        "until=x",
        "resolved=x",
        "job=x",
        "limit=0",
    ] {
        let page = browser.look(&format!("/dead-letters?{query}")).await;
        assert_eq!(page.status, 400, "{query}");
        page.shows("role=\"alert\"").hides("<b>");
    }
    for id in [Uuid::new_v4().to_string(), "none".to_owned()] {
        assert_eq!(
            browser.look(&format!("/dead-letters/{id}")).await.status,
            404
        );
        for what in ["replay", "discard"] {
            let sent = browser
                .send(&format!("/dead-letters/{id}/{what}"), &[])
                .await;
            assert_eq!(sent.status, 404);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_superuser_neither_reads_letters_nor_sends_them() {
    let desk = Desk::open().await;
    let (_, id) = given_up(&desk).await;
    let browser = Browser::of(&desk, MEI).await;
    let at = format!("/dead-letters/{id}");
    for page in ["/dead-letters", at.as_str()] {
        assert_eq!(browser.look(page).await.status, 403);
    }
    for form in [
        format!("{at}/replay"),
        format!("{at}/discard"),
        "/dead-letters/chosen".to_owned(),
    ] {
        let sent = browser
            .send(&form, &[("ids", &id), ("do", "discard")])
            .await;
        assert_eq!(sent.status, 403, "{form}");
    }
    let letters = desk.read(ADMIN, "/dead_letters/?resolved=false").await;
    assert_eq!(letters["count"], 1);
}
