//! Several events in one message.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use messages::{Context, Message, Sensitivity, Templates};
use proto_events::Event;
use proto_events::event;
use proto_events::job::{Digest, Notice};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use support::{Everywhere, SITE, context, settings};

fn raw(name: &str, data: &Value) -> Arc<RawValue> {
    let body =
        json!({"specversion": "1.0", "id": "1", "source": "test", "type": name, "data": data});
    event::raw(body.to_string().as_bytes()).unwrap()
}

fn notice(name: &str, data: &Value) -> Notice {
    Notice {
        redacted: false,
        event: raw(name, data),
    }
}

/// A scan of a product that found something.
fn scan(title: &str, product: &str, id: i64) -> Notice {
    notice(
        "scan_added",
        &json!({
            "title": title, "url": format!("/test/{id}"), "product": {"id": id, "name": product},
            "findings": {"new": [{"id": 1, "title": "Secret in .env", "severity": "Critical"}]},
        }),
    )
}

/// What stands for a digest, as the scheduler writes it.
fn title() -> Event {
    support::event("digest", &json!({"title": "3 notices", "url": "/alerts"}))
}

fn composed(notices: Vec<Notice>, left_out: u64, context: &Context<'_>) -> Message {
    let digest = Digest { notices, left_out };
    Message::digest(&Templates::built_in().unwrap(), &title(), &digest, context).unwrap()
}

fn everywhere(notices: Vec<Notice>, left_out: u64) -> Everywhere {
    let settings = settings();
    let context = context(&settings);
    Everywhere::laid_out(composed(notices, left_out, &context), &title(), &context)
}

#[test]
fn events_stand_below_their_products_in_the_order_in_which_they_came() {
    let settings = settings();
    let told = vec![
        scan("First", "Cranes", 7),
        scan("Second", "Ships", 8),
        scan("Third", "Cranes", 7),
        notice(
            "product_type_added",
            &json!({"title": "Fourth", "url": "/x"}),
        ),
    ];
    let message = composed(told, 0, &context(&settings));
    assert_eq!(message.title, "4 notices about 2 products");
    let groups: Vec<(String, Vec<&str>)> = message
        .groups
        .iter()
        .map(|group| {
            let titles = group.findings.iter().map(|line| line.title.as_str());
            (group.heading(), titles.collect())
        })
        .collect();
    assert_eq!(
        groups,
        [
            ("Cranes: 2".to_owned(), vec!["First", "Third"]),
            ("Ships: 1".to_owned(), vec!["Second"]),
            ("Everything else: 1".to_owned(), vec!["Fourth"]),
        ]
    );
    let line = &message.groups[0].findings[0];
    assert_eq!(line.href, format!("{SITE}/test/7"));
    assert_eq!(
        line.dates.as_deref(),
        Some("Scan Added; New: 1 (1 Critical)")
    );
}

#[test]
fn every_channel_tells_each_of_a_few_events_and_its_product() {
    let told = vec![scan("First", "Cranes", 7), scan("Second", "Cranes", 7)];
    let out = everywhere(told, 0);
    for (channel, read) in out
        .read()
        .into_iter()
        .filter(|(channel, _)| *channel != "alert")
    {
        for words in [
            "2 notices about Cranes",
            "Cranes: 2",
            "First",
            "Second",
            "Scan Added",
        ] {
            assert!(read.contains(words), "{channel} lacks {words}: {read}");
        }
        assert!(!read.contains("Unrated"), "{channel}: {read}");
    }
}

#[test]
fn texts_of_events_stay_texts() {
    let out = everywhere(vec![scan("<script>&<!channel>", "<b>*x*", 7)], 0);
    assert!(!out.mail.html.contains("<script>") && !out.mail.html.contains("<b>*x*"));
    assert!(!out.slack.to_string().contains("<!channel>"));
    assert!(!out.connector.to_string().contains("<script>"));
}

#[test]
fn a_redacted_event_tells_no_details_and_the_others_do() {
    let hidden = Notice {
        redacted: true,
        ..scan("Hidden title", "Cranes", 7)
    };
    let out = everywhere(vec![hidden, scan("Open title", "Ships", 8)], 0);
    for (channel, sent) in out.sent() {
        assert!(!sent.contains("Hidden title"), "{channel}");
    }
    for (channel, read) in out
        .read()
        .into_iter()
        .filter(|(channel, _)| *channel != "alert")
    {
        assert!(read.contains("Open title"), "{channel}");
        assert!(read.contains("you have no access"), "{channel}: {read}");
    }
}

#[test]
fn a_channel_that_tells_links_only_tells_no_titles_in_a_digest_either() {
    let settings = settings();
    let context = Context {
        sensitivity: Sensitivity::LinkOnly,
        ..context(&settings)
    };
    let message = composed(vec![scan("Secret title", "Cranes", 7)], 0, &context);
    let out = Everywhere::laid_out(message, &title(), &context);
    for (channel, sent) in out.sent() {
        assert!(!sent.contains("Secret title"), "{channel}");
        assert!(!sent.contains("Secret in .env"), "{channel}");
    }
    let (_, text) = &out.read()[1];
    assert!(
        text.contains("Cranes") && text.contains("Scan Added"),
        "{text}"
    );
}

#[test]
fn what_is_not_listed_is_counted() {
    let out = everywhere(vec![scan("First", "Cranes", 7)], 41);
    assert_eq!(out.message.title, "42 notices about 1 product");
    for (channel, read) in out
        .read()
        .into_iter()
        .filter(|(channel, _)| *channel != "alert")
    {
        let words = "41 more notices are in the list of alerts only";
        assert!(read.contains(words), "{channel}: {read}");
    }
}
