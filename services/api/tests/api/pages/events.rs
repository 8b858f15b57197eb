//! One event's whole story.

use proto_events::outcome::State;
use proto_events::{Reason, Service};
use serde_json::json;

use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI, OUTSIDER};
use crate::history::Happened;

async fn told(desk: &Desk) -> Happened<'_> {
    let event = Happened {
        desk,
        id: "scan/4711 ü",
        title: "<script>alert(1)</script>",
    };
    let decisions = json!({"alert": ["mei"], "mail": ["mei", "admin", null]});
    let notes = json!({"no_destination": {"slack": ["<u>mei</u>"]}});
    event.decided(decisions, notes).await;
    event
}

fn path(event: &Happened<'_>) -> String {
    event.story().replace("scan/4711 ü", "scan%2F4711%20%C3%BC")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superuser_reads_all_of_an_event_and_whatever_it_says_is_text() {
    let desk = Desk::open().await;
    let event = told(&desk).await;
    event
        .attempted(MEI, 1, State::Retrying, Some(Reason::Timeout))
        .await;
    event.attempted(MEI, 2, State::Delivered, None).await;
    event.alerted(MEI, "Hers").await;
    event.parked(ADMIN).await;
    event.given_up(MEI).await;
    desk.store()
        .hold_service(Service::EmailSender, "relay <em>moves</em>")
        .await
        .unwrap();
    let browser = Browser::of(&desk, ADMIN).await;
    let page = browser.look(&path(&event)).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.shows("<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>")
        .shows("what only superusers read")
        .shows("mei, admin, the system")
        .shows("Nobody is called")
        .shows("&lt;b&gt;nobody&lt;/b&gt;")
        .shows("there is nowhere to send it: slack: &lt;u&gt;mei&lt;/u&gt;")
        .shows("with version 7 of the directory")
        .shows("the receiver did not answer in time")
        .shows("&lt;i&gt;seen&lt;/i&gt; at 1")
        .shows("&lt;i&gt;seen&lt;/i&gt; at 2")
        .shows("For mei")
        .shows("in line")
        .shows("no connection, or it broke")
        .shows("email-sender, for everybody, until")
        .shows("relay &lt;em&gt;moves&lt;/em&gt;")
        .shows("Dead letters")
        .shows("<svg viewBox")
        .hides("<script>alert")
        .hides("<em>")
        .hides(" style=");
    // Without its source it is found as well.
    browser
        .look("/events/scan%2F4711%20%C3%BC")
        .await
        .shows("Decision");
    for unknown in ["/events/none", "/events/scan%2F4711%20%C3%BC?source=other"] {
        assert_eq!(browser.look(unknown).await.status, 404, "{unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_reads_what_was_addressed_to_them_and_nobody_elses_part() {
    let desk = Desk::open().await;
    let event = told(&desk).await;
    event
        .attempted(MEI, 1, State::Dead, Some(Reason::Refused))
        .await;
    event.attempted(ADMIN, 1, State::Delivered, None).await;
    event.alerted(MEI, "As she was told").await;
    event.alerted(ADMIN, "As admin was told").await;
    event.given_up(MEI).await;
    let browser = Browser::of(&desk, MEI).await;
    let page = browser.look(&path(&event)).await;
    page.shows("<h1>As she was told</h1>")
        .shows("the receiver refuses this message")
        .hides("what only superusers read")
        .hides("admin")
        .hides("nobody")
        .hides("Decision")
        .hides("Dead letters")
        .hides("alert(1)");
    let why = browser.look(&path(&event).replace('?', "/why?")).await;
    why.shows("mei").hides("admin");
    let stranger = Browser::of(&desk, OUTSIDER).await;
    for page in [path(&event), path(&event).replace('?', "/why?")] {
        assert_eq!(stranger.look(&page).await.status, 404, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_told_less_does_not_read_the_title_here_either() {
    let desk = Desk::open().await;
    let event = Happened {
        desk: &desk,
        id: "e1",
        title: "What the finding is called",
    };
    event
        .decided(json!({"mail": ["mei"]}), json!({"redacted": ["mei"]}))
        .await;
    event.attempted(MEI, 1, State::Delivered, None).await;
    let browser = Browser::of(&desk, MEI).await;
    for page in [event.story(), "/deliveries".to_owned()] {
        browser
            .look(&page)
            .await
            .shows("Scan Added")
            .hides("What the finding");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_and_was_never_tried_is_told_to_whom_it_is_for() {
    let desk = Desk::open().await;
    let event = Happened {
        desk: &desk,
        id: "e1",
        title: "T",
    };
    event.decided(json!({"mail": ["mei"]}), json!({})).await;
    event.parked(MEI).await;
    desk.store()
        .hold_service(Service::EmailSender, "why is internal")
        .await
        .unwrap();
    let page = Browser::of(&desk, MEI).await.look(&event.story()).await;
    page.shows("in line")
        .shows("sends nothing since")
        .hides("why is internal");
    assert_eq!(
        Browser::of(&desk, OUTSIDER)
            .await
            .look(&event.story())
            .await
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superuser_asks_why_somebody_is_told_or_is_not() {
    let desk = Desk::open().await;
    let event = told(&desk).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let why = |user: &str| format!("{}&user={user}", path(&event).replace('?', "/why?"));
    browser
        .look(&why(""))
        .await
        .shows("The system")
        .shows("mei");
    browser
        .look(&why("outsider"))
        .await
        .shows("outsider")
        .hides("<h2>mei");
    let nobody = browser.look(&why("%3Cb%3E")).await;
    assert_eq!(nobody.status, 400);
    nobody.shows("nobody is called &quot;&lt;b&gt;&quot;");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_sent_again_from_its_events_story() {
    let desk = Desk::open().await;
    let event = told(&desk).await;
    event.given_up(MEI).await;
    let letters = desk.read(ADMIN, "/dead_letters/").await;
    let id = letters["results"][0]["id"].as_str().unwrap().to_owned();
    let browser = Browser::of(&desk, ADMIN).await;
    let story = path(&event);
    browser
        .look(&story)
        .await
        .shows(&format!("/dead-letters/{id}/replay"));
    let form = [("back", story.as_str())];
    let page = browser
        .send_on(&format!("/dead-letters/{id}/replay"), &form)
        .await;
    page.shows("Sent again.")
        .shows("sent again</span>")
        .shows("Dead letters");
}
