//! Templates: changed, looked at, tried, given back.

use chassis::broker::Session;
use proto_events::Service;
use serde_json::json;

use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI};
use crate::history::{Happened, SOURCE};

const PAGE: &str = "/templates";
const EDIT: &str = "/templates/edit?file=scan%5Fadded%2Etxt";

fn form<'f>(file: &'f str, source: &'f str) -> [(&'f str, &'f str); 2] {
    [("file", file), ("source", source)]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_superuser_has_no_part_in_them() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    for path in [PAGE, EDIT, "/templates/preview?file=other.txt"] {
        assert_eq!(browser.look(path).await.status, 403, "{path}");
    }
    for path in [
        "/templates/edit",
        "/templates/restore",
        "/templates/preview",
        "/templates/test",
    ] {
        let seen = browser.send(path, &form("other.txt", "x")).await;
        assert_eq!(seen.status, 403, "{path}");
    }
    assert_eq!(desk.store().stored_templates().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_written_stands_among_ones_own_and_is_given_back() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    browser
        .look(PAGE)
        .await
        .shows("Every event is told with built-in words.");
    browser
        .look(EDIT)
        .await
        .hides("Restore")
        .shows("Scan Added");
    let hostile = "</textarea><script>1</script>\r\n{{ title }}";
    browser
        .send_on("/templates/edit", &form("scan_added.txt", hostile))
        .await
        .shows("Saved. Senders use it within seconds.")
        .shows("&lt;/textarea&gt;&lt;script&gt;1&lt;/script&gt;\n{{ title }}")
        .shows("written by admin")
        .shows("Restore the built-in one")
        .hides("<script>1");
    browser.look(PAGE).await.shows("(1)").shows("yours");
    browser
        .send_on("/templates/restore", &[("file", "scan_added.txt")])
        .await
        .shows("What was written of scan_added.txt is removed.")
        .shows("Every event is told with built-in words.");
    let again = browser.send("/templates/restore", &[("file", "scan_added.txt")]);
    assert_eq!(again.await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_for_a_channel_begins_with_the_words_it_takes_the_place_of() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let general = form("scan_added.txt", "Words of {{ product }}");
    browser.send("/templates/edit", &general).await;
    let new = browser.look("/templates/edit?for=scan_added&channel=slack");
    let page = browser.look(&new.await.location.unwrap()).await;
    page.shows("Scan Added, in Slack")
        .shows("Words of {{ product }}")
        .shows("not written yet")
        .hides("value=\"msteams\"");
    for wrong in ["scan_added", "pigeon/scan_added.txt", "a/b/c.txt"] {
        let path = format!("/templates/edit?file={wrong}");
        assert_eq!(browser.look(&path).await.status, 404, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_used_is_refused_with_line_and_words_and_shown_as_it_was_written() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    for (source, told) in [
        ("a\n{% if %}", "scan_added.txt is broken at line 2"),
        ("\n{{ prodct }}<i>", "prodct"),
        (endless, "fuel"),
        (&"x".repeat(70_000), "no more than 65536 characters"),
    ] {
        let seen = browser
            .send("/templates/edit", &form("scan_added.txt", source))
            .await;
        assert_eq!(seen.status, 400, "{told}");
        seen.shows(told).shows("aria-invalid").hides("<i>");
    }
    let elsewhere = browser
        .send("/templates/edit", &form("style.css", "x"))
        .await;
    assert_eq!(elsewhere.status, 404);
    assert_eq!(desk.store().stored_templates().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_looked_at_with_an_event_that_came_in_a_frame_that_may_do_nothing() {
    let desk = Desk::open().await;
    let event = Happened {
        desk: &desk,
        id: "e1",
        title: "<script>alert(1)</script>",
    };
    event.decided(json!({}), json!({})).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let page = browser.look(EDIT).await;
    page.shows("&lt;script&gt;alert(1)&lt;/script&gt;")
        .shows("sandbox=\"\"")
        .hides("<script>alert");
    let chosen = json!([SOURCE, "e1"]).to_string();
    for (shown, told) in [
        ("mail", "<html"),
        ("mail_text", "<pre>"),
        ("alert", "<pre>"),
        ("slack", "blocks"),
        ("msteams", "AdaptiveCard"),
        ("webhooks", "finding_count"),
        ("pigeon", "<html"),
    ] {
        let form = [
            ("file", "scan_added.txt"),
            ("source", "Ahoy {{ product }}"),
            ("shown", shown),
            ("event", &chosen),
        ];
        let seen = browser.send("/templates/preview", &form).await;
        assert_eq!(seen.status, 200, "{shown}: {}", seen.text);
        let policy = &seen.headers["content-security-policy"];
        for part in ["sandbox;", "default-src 'none'", "frame-ancestors 'self'"] {
            assert!(policy.contains(part), "{policy}");
        }
        seen.shows(told).hides("<script>");
        if shown != "webhooks" {
            seen.shows("Ahoy Cranes");
        }
    }
    let missing = json!([SOURCE, "e2"]).to_string();
    for (event, status) in [
        (chosen.as_str(), 200),
        ("", 200),
        (&missing, 404),
        ("x", 200),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("file", "scan_added.txt")
            .append_pair("event", event)
            .finish();
        let seen = browser.look(&format!("/templates/preview?{query}")).await;
        assert_eq!(seen.status, status, "{event}");
    }
    let broken = [("file", "scan_added.txt"), ("source", "{% if %}<b>")];
    let seen = browser.send("/templates/preview", &broken).await;
    assert_eq!(seen.status, 400);
    seen.shows("is broken at line 1").hides("<b>");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_force_is_sent_to_oneself_on_the_way_of_all_messages() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let sent = async |shown: &'static str| {
        let form = [
            ("file", "scan_added.txt"),
            ("source", "not saved"),
            ("shown", shown),
        ];
        let seen = browser.send("/templates/test", &form).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        seen
    };
    sent("mail")
        .await
        .shows("Sent to you on mail.")
        .shows("not saved: this is what is in force");
    sent("alert").await.shows("among your alerts");
    sent("msteams").await.shows("Nothing was sent");
    let session = Session::open(desk.world.broker(), "test").await.unwrap();
    for service in [Service::EmailSender, Service::AlertWriter] {
        let queue = desk.world.names().queue(service);
        let ready = session.queue_state(&queue).await.unwrap().ready;
        assert_eq!(ready, 1, "{queue}");
    }
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_operators_stands_above_what_is_written_here() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scan_added.txt"), "From the file").unwrap();
    let flags = [format!("--template-dir={}", folder.path().display())];
    let desk = Desk::open_with(&flags).await;
    let browser = Browser::of(&desk, ADMIN).await;
    desk.store()
        .put_template("scan_added.txt", "From the page", "<b>admin")
        .await
        .unwrap();
    let page = browser.look(EDIT).await;
    page.shows("From the file")
        .shows("readonly")
        .shows("DD_TEMPLATE_DIR")
        .shows("&lt;b&gt;admin")
        .hides(">Save<");
    let refused = browser
        .send("/templates/edit", &form("scan_added.txt", "x"))
        .await;
    assert_eq!(refused.status, 409);
    refused.shows("change it there");
    browser
        .send("/templates/preview", &form("scan_added.txt", "Tried"))
        .await
        .shows("Tried");
}
