//! The mail as it goes out.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

mod support;

use conformance::task::JOB;
use delivery::Task;
use email_sender::channel::EmailChannel;
use mail_parser::{Message, MessageParser};
use messages::{Subscription, UnsubscribeTokens};
use proptest::prelude::*;
use proto_events::{Column, EventName};
use serde_json::{Value, json};
use support::{KEY, mail, sender, task, titled, to_the_system, written};

/// A sender with pages for people, at this address, and a key.
fn with_pages(pages: &str) -> EmailChannel {
    sender(&[
        "--notify-url",
        pages,
        "--credential-aes-256-key",
        KEY,
        "--site-url",
        "https://dojo.example:8443/",
    ])
    .unwrap()
}

fn usual() -> EmailChannel {
    with_pages("https://notify.example")
}

/// The value of a header, as it stands there.
fn header(channel: &EmailChannel, task: Task, name: &str) -> Option<String> {
    let mail = written(&mail(channel, task));
    let message = parsed(&mail);
    message.header_raw(name).map(|raw| raw.trim().to_owned())
}

fn parsed(mail: &str) -> Message<'_> {
    MessageParser::default().parse(mail.as_bytes()).unwrap()
}

fn in_engagement(engagement: i64) -> Value {
    json!({"title": "t", "product": {"id": 7, "name": "Cranes"}, "engagement": {"id": engagement, "name": "Q4"}})
}

#[tokio::test]
async fn a_mail_has_a_text_and_an_html_part_that_say_the_same() {
    let data = json!({"title": "Scan of <Cranes>", "url": "/test/1"});
    let mail = written(&mail(&usual(), task(&data)));
    let message = parsed(&mail);
    assert!(mail.contains("multipart/alternative"), "{mail}");
    let text = message.body_text(0).unwrap();
    let html = message.body_html(0).unwrap().replace("&#x2f;", "/");
    assert!(
        text.contains("Scan of <Cranes>") && !text.contains("<p"),
        "{text}"
    );
    assert!(html.contains("Scan of &lt;Cranes&gt;"), "{html}");
    for part in [&*text, &html] {
        assert!(part.contains("https://dojo.example:8443/test/1"), "{part}");
    }
}

#[tokio::test]
async fn the_html_part_is_made_for_small_and_dark_screens_and_loads_nothing() {
    let mail = written(&mail(&usual(), titled("t")));
    let message = parsed(&mail);
    let html = message.body_html(0).unwrap();
    for word in [
        "width=device-width",
        "max-width: 480px",
        "prefers-color-scheme: dark",
        "color-scheme: light dark",
    ] {
        assert!(html.contains(word), "no {word}");
    }
    for word in [" src=", "url(", "<link", "<script", "@import", "<img"] {
        assert!(!html.contains(word), "{word}");
    }
}

#[tokio::test]
async fn the_message_id_is_the_jobs_and_nobody_is_to_answer() {
    let value = |name| header(&usual(), titled("t"), name).unwrap();
    assert_eq!(value("Message-ID"), format!("<{JOB}@hafen.example>"));
    assert_eq!(value("Auto-Submitted"), "auto-generated");
    assert_eq!(value("List-Id"), "DefectDojo <notifications.dojo.example>");
    assert_eq!(value("From"), "Dojo <dojo@hafen.example>");
    assert_eq!(value("To"), "alice@example.com");
}

#[tokio::test]
async fn mails_about_one_engagement_or_else_one_product_stand_together() {
    let channel = usual();
    let root = |data: &Value| {
        let replied = header(&channel, task(data), "In-Reply-To");
        assert_eq!(replied, header(&channel, task(data), "References"));
        replied
    };
    let engagement = root(&in_engagement(9));
    assert_eq!(
        engagement.as_deref(),
        Some("<engagement-9.dojo.example@hafen.example>")
    );
    let mut other = in_engagement(9);
    other["title"] = json!("another title");
    assert_eq!(root(&other), engagement);
    assert_ne!(root(&in_engagement(10)), engagement);
    let product = root(&json!({"title": "t", "product": {"id": 7, "name": "Cranes"}}));
    assert_eq!(
        product.as_deref(),
        Some("<product-7.dojo.example@hafen.example>")
    );
    assert_eq!(root(&json!({"title": "about neither"})), None);
}

/// What the link of a mail stops.
fn stopped_by(task: Task) -> Subscription {
    let link = header(&usual(), task, "List-Unsubscribe").unwrap();
    let pages = "<https://notify.example/unsubscribe/";
    let token = link.strip_prefix(pages).unwrap().strip_suffix('>').unwrap();
    let tokens = UnsubscribeTokens::from_keys(KEY).unwrap();
    tokens.subscription(token).unwrap()
}

fn alices(columns: &[Column]) -> Subscription {
    Subscription {
        user: 42,
        columns: columns.iter().copied().collect(),
    }
}

#[tokio::test]
async fn a_personal_mail_can_be_stopped_with_one_click() {
    let value = |name| header(&usual(), titled("t"), name).unwrap();
    let unfolded = format!("\r\nList-Unsubscribe: {}\r\n", value("List-Unsubscribe"));
    assert!(written(&mail(&usual(), titled("t"))).contains(&unfolded));
    assert_eq!(value("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
}

#[tokio::test]
async fn a_link_stops_the_mails_of_the_column_that_the_event_follows() {
    for (name, column) in [
        ("other", Column::Other),
        ("scan_added", Column::ScanAdded),
        ("engagement_closed", Column::CloseEngagement),
        ("something_else", Column::Other),
    ] {
        let mut task = titled("t");
        task.event.name = EventName::new(name);
        assert_eq!(stopped_by(task), alices(&[column]), "{name}");
    }
}

#[tokio::test]
async fn the_link_of_a_digest_stops_the_columns_of_all_that_it_tells() {
    let notice = |name: &str| {
        let data = json!({"title": name});
        json!({"event": {"specversion": "1.0", "id": name, "source": "test", "type": name, "data": data}})
    };
    let names = ["scan_added", "test_added", "scan_added"];
    let notices: Vec<Value> = names.iter().map(|name| notice(name)).collect();
    let mut task = titled("t");
    task.event.name = EventName::new("digest");
    let digest = json!({"notices": notices, "left_out": 1});
    task.job.digest = serde_json::from_value(digest).unwrap();
    let both = alices(&[Column::TestAdded, Column::ScanAdded]);
    assert_eq!(stopped_by(task), both);
}

#[tokio::test]
async fn one_person_cannot_stop_the_systems_mails_for_everybody() {
    let mail = written(&mail(&usual(), to_the_system(&json!({"title": "t"}))));
    assert!(!mail.contains("List-Unsubscribe"), "{mail}");
    assert!(mail.contains("List-Id: "), "{mail}");
}

#[tokio::test]
async fn without_pages_or_a_key_there_is_no_link_that_would_lead_nowhere() {
    let pages = ["--notify-url", "https://notify.example"];
    for arguments in [&[][..], &pages, &["--credential-aes-256-key", KEY]] {
        let mail = written(&mail(&sender(arguments).unwrap(), titled("t")));
        assert!(!mail.contains("List-Unsubscribe"), "{arguments:?}");
    }
}

#[tokio::test]
async fn pages_without_https_are_linked_but_offer_no_one_click() {
    let channel = with_pages("http://notify.example/dojo/");
    let link = header(&channel, titled("t"), "List-Unsubscribe").unwrap();
    assert!(
        link.starts_with("<http://notify.example/dojo/unsubscribe/42."),
        "{link}"
    );
    assert_eq!(header(&channel, titled("t"), "List-Unsubscribe-Post"), None);
}

#[tokio::test]
async fn pages_at_no_address_stop_the_start() {
    let arguments = [
        "--notify-url",
        "notify.example",
        "--credential-aes-256-key",
        KEY,
    ];
    let problem = sender(&arguments).err().unwrap().to_string();
    assert!(
        problem.starts_with("DD_NOTIFY_URL is not usable"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_title_of_5_mb_becomes_a_mail_that_a_relay_takes() {
    for letter in ["A", "ü", "美", "😀", "A ", "\r\n"] {
        let title = letter.repeat(5 * 1024 * 1024 / letter.len());
        let mail = written(&mail(&usual(), titled(&title)));
        assert!(mail.len() < 64 * 1024, "{} bytes of {letter:?}", mail.len());
        assert_lines_are_short(&mail);
        let message = parsed(&mail);
        let subject = message.subject().unwrap();
        let title = subject.strip_prefix("notification: ").unwrap();
        assert!(title.chars().count() <= 1000, "{subject}");
        let kept = if letter == "\r\n" { "Other" } else { letter };
        assert!(title.starts_with(kept), "{subject}");
    }
}

/// RFC 5322, section 2.1.1.
fn assert_lines_are_short(mail: &str) {
    for line in mail.split("\r\n") {
        assert!(
            line.len() <= 998 && !line.contains(['\r', '\n']),
            "{line:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_title_makes_a_header_or_a_line_that_is_too_long(title in "(.|\r|\n|[a-z]{0,400}){0,40}") {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _guard = runtime.enter();
        let clean = written(&mail(&usual(), titled("t")));
        let mail = written(&mail(&usual(), titled(&format!("{title}\r\nBcc: mallory@example.com\r\n\r\n"))));
        assert_lines_are_short(&mail);
        let names = |mail: &str| {
            let message = parsed(mail);
            let names = message.headers().iter().map(|header| header.name().to_owned());
            names.collect::<Vec<_>>()
        };
        prop_assert_eq!(names(&mail), names(&clean));
    }
}
