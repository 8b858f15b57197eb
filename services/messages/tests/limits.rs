//! Whatever an event holds, each channel's limits are kept.
#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::{Everywhere, event, everywhere};

fn within(out: &Everywhere) {
    assert!(out.message.title.chars().count() <= 1000);
    assert!(out.alert.title.chars().count() <= 250);
    assert!(out.alert.description.chars().count() <= 2000);
    assert!(out.alert.icon.chars().count() <= 25 && out.alert.source.chars().count() <= 100);
    assert!(
        out.alert
            .url
            .as_ref()
            .is_none_or(|url| url.chars().count() <= 2000)
    );
    for card in [&out.teams, &out.connector] {
        let size = counted_by_teams(card);
        assert!(size < 20_000, "Teams counts {size}: {card:.300}");
    }
    slack_is_within(&out.slack);
}

/// The size of a card that is kept as text within ASCII JSON, which is what Teams counts
/// at worst (28.9 KB were counted where 24.4 KB were sent).
fn counted_by_teams(card: &Value) -> usize {
    let kept = Value::String(card.to_string()).to_string();
    let units = kept.encode_utf16();
    units.map(|unit| if unit < 128 { 1 } else { 6 }).sum()
}

fn slack_is_within(slack: &Value) {
    let blocks = slack["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50);
    assert!(blocks[0]["text"]["text"].as_str().unwrap().chars().count() <= 150);
    assert!(
        slack["blocks"].to_string().chars().count() <= 13_200,
        "{}",
        slack["blocks"].to_string().chars().count()
    );
    assert!(slack["text"].as_str().unwrap().chars().count() <= 4000);
    if let Some(context) = blocks.iter().find(|block| block["type"] == "context") {
        assert!(
            context["elements"][0]["text"]
                .as_str()
                .unwrap()
                .chars()
                .count()
                <= 3000
        );
    }
}

#[test]
fn a_title_of_5_mb_is_cut_to_1000_characters_in_every_channel() {
    let out = everywhere(&event("other", &json!({"title": "ü".repeat(2_500_000)})));
    within(&out);
    assert_eq!(out.message.title.chars().count(), 1000);
    for (channel, sent) in out.sent() {
        // A webhook's body is for programs: it holds what the event held.
        let limit = if channel == "webhooks" {
            usize::MAX
        } else {
            40_000
        };
        assert!(sent.len() < limit, "{channel}: {}", sent.len());
    }
}

/// Every field filled with a text.
fn filled(name: &str, text: &str, findings: usize) -> Value {
    let list: Vec<Value> = (0..findings)
        .map(|id| json!({"id": id, "title": text, "severity": text}))
        .collect();
    json!({
        "title": text, "description": text, "note": text, "section": text, "source": text, "actor": text,
        "icon": text, "url": format!("/{}", if name == "long" { text } else { "x" }),
        "product_type": {"id": 1, "name": text},
        "product": {"id": 1, "name": text, "tags": [text, text]},
        "engagement": {"id": 2, "name": text, "lead": text},
        "test": {"id": 3, "title": text, "display": text},
        "finding": {"id": 4, "title": text, "severity": text},
        "findings": {"new": list, "mitigated": list, "untouched": list, "new_duplicate": list},
        "accepted_findings": list,
        "requested_by": {"id": 1, "username": text, "first_name": text, "last_name": text},
        "reviewers": [{"id": 1, "username": text}],
        "risk_acceptance": {"id": 9, "name": text, "owner": text, "expiration_date": text},
    })
}

#[test]
fn huge_texts_are_cut_in_every_channel() {
    for text in [
        "x".repeat(100_000),
        "🚢\"\\".repeat(30_000),
        "a\n".repeat(50_000),
        "<!".repeat(50_000),
        "{D&".repeat(30_000),
        "щит ".repeat(30_000),
        "\"".repeat(100_000),
    ] {
        for name in ["scan_added", "long"] {
            within(&everywhere(&event(name, &filled(name, &text, 3))));
        }
    }
}

#[test]
fn texts_that_are_longest_on_the_wire_still_fit_together() {
    let (split, lines) = ("{D".repeat(5000), "a\n".repeat(5000));
    let mut data = filled("scan_added", &split, 60);
    data["description"] = json!(lines);
    data["note"] = json!(lines);
    data["url"] = json!(format!("/x?{}", "\\".repeat(1900)));
    let settings = proto_events::directory::Settings {
        disclaimer_notifications: split,
        ..support::settings()
    };
    let event = event(&"{d".repeat(500), &data);
    within(&Everywhere::of(&event, &support::context(&settings)));
}

#[test]
fn a_huge_disclaimer_is_cut() {
    let settings = proto_events::directory::Settings {
        disclaimer_notifications: "<🚢>".repeat(1000),
        ..support::settings()
    };
    let event = event("scan_added", &filled("scan_added", &"ü".repeat(2000), 60));
    within(&Everywhere::of(&event, &support::context(&settings)));
}

#[test]
fn five_thousand_findings_are_counted_and_the_worst_listed() {
    let findings: Vec<Value> = (0..5000)
        .map(|id| json!({"id": id, "title": format!("Finding number {id}"), "severity": if id == 4999 { "Critical" } else { "Low" }}))
        .collect();
    let data = json!({"title": "t", "url": "/test/1", "finding_count": 5000, "findings": {"new": findings}});
    let out = everywhere(&event("scan_added", &data));
    within(&out);
    for (channel, read) in out.read() {
        assert!(
            read.contains("New: 5000 (1 Critical, 4999 Low)"),
            "{channel}"
        );
        assert!(
            read.contains("Finding number 4999"),
            "{channel} does not list the worst"
        );
        assert!(
            read.contains(" more"),
            "{channel} does not say that there are more"
        );
    }
    assert!(
        out.mail.html.contains(
            "<a href=\"https:&#x2f;&#x2f;dojo.example&#x2f;test&#x2f;1\">and 4950 more</a>"
        )
    );
    assert!(
        out.mail.html.len() < 102_400,
        "mail programs cut longer ones: {}",
        out.mail.html.len()
    );
    assert_eq!(
        out.webhook["findings"]["new"].as_array().unwrap().len(),
        5000
    );
}

#[test]
fn a_shortened_list_shows_the_counts_of_the_whole() {
    let data = json!({
        "title": "t", "url": "/test/1", "finding_count": 812,
        "findings": {"new": [{"id": 1, "title": "One", "severity": "High"}], "mitigated": []},
        "findings_counts": {"new": 800, "mitigated": 12},
    });
    let out = everywhere(&event("scan_added", &data));
    for (channel, read) in out.read() {
        assert!(read.contains("800 new"), "{channel}: {read}");
        assert!(read.contains("12 closed"), "{channel}: {read}");
        assert!(read.contains("and 799 more"), "{channel}: {read}");
    }
}

#[test]
fn a_plain_list_that_was_shortened_shows_its_count_too() {
    let data = json!({
        "title": "t", "breach_kind": "breached", "product": {"id": 3, "name": "P"},
        "findings": [{"id": 1, "title": "One", "severity": "High"}],
        "findings_counts": {"list": 70},
    });
    let out = everywhere(&event("sla_breach_combined", &data));
    assert!(
        out.message.text.starts_with("70 findings"),
        "{}",
        out.message.text
    );
    assert!(
        out.mail
            .text
            .contains("and 69 more: https://dojo.example/asset/3"),
        "{}",
        out.mail.text
    );
}

proptest! {
    #[test]
    fn any_text_fits_every_channel(text in any::<String>(), times in 1usize..400, findings in 0usize..20) {
        within(&everywhere(&event("scan_added", &filled("scan_added", &text.repeat(times), findings))));
    }

    #[test]
    fn any_title_is_one_line(title in any::<String>()) {
        let out = everywhere(&event("other", &json!({"title": title})));
        prop_assert!(!out.mail.subject.chars().any(char::is_control));
        prop_assert!(!out.message.title.is_empty());
    }
}

#[test]
fn a_digest_of_everything_fits_every_channel_whatever_it_tells_of() {
    for text in [
        "🚢\"\\".repeat(3000),
        "{D".repeat(3000),
        "x".repeat(10_000),
        "short".to_owned(),
    ] {
        for products in [1, 12, 200] {
            let notices = (0..200).map(|id| {
                let product = json!({"id": id % products, "name": format!("{id}{text}")});
                let data = json!({"title": text, "url": format!("/test/{id}"), "product": product});
                let event = json!({"specversion": "1.0", "id": "1", "source": "s", "type": "scan_added", "data": data});
                let event = proto_events::event::raw(event.to_string().as_bytes()).unwrap();
                proto_events::job::Notice { redacted: false, event }
            });
            let digest = proto_events::job::Digest {
                notices: notices.collect(),
                left_out: 1000,
            };
            let settings = support::settings();
            let context = support::context(&settings);
            let title = event(
                "digest",
                &json!({"title": "1200 notices", "url": "/alerts"}),
            );
            let templates = messages::Templates::built_in().unwrap();
            let message = messages::Message::digest(&templates, &title, &digest, &context).unwrap();
            let out = Everywhere::laid_out(message, &title, &context);
            within(&out);
            assert!(out.mail.html.len() < 2_000_000 && out.mail.text.len() < 1_000_000);
        }
    }
}
