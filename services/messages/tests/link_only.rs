//! A channel that is not to tell details: what kind of thing happened, where, and a link.
#![allow(clippy::unwrap_used)]

mod support;

use messages::{Context, Message, Sensitivity, Templates};
use proptest::prelude::*;
use proto_events::payload::{EventData, FindingObject, Findings};
use proto_events::{Channel, Event};
use serde_json::{Value, json};
use support::{Everywhere, context, event, first, recorded, settings};

fn link_only(event: &Event, redacted: bool) -> Everywhere {
    let settings = settings();
    let context = Context {
        sensitivity: Sensitivity::LinkOnly,
        redacted,
        ..context(&settings)
    };
    Everywhere::of(event, &context)
}

/// Everything in an event that is a detail of what was found.
fn details(data: &EventData) -> Vec<String> {
    let listed = |findings: &[FindingObject]| -> Vec<String> {
        findings.iter().map(|it| it.title.clone()).collect()
    };
    let mut details: Vec<String> = [&data.description, &data.note, &data.section]
        .into_iter()
        .flatten()
        .flat_map(|text| text.lines().map(str::to_owned).chain([text.clone()]))
        .collect();
    details.extend(data.finding.iter().map(|finding| finding.title.clone()));
    match &data.findings {
        Some(Findings::Scan(scan)) => {
            details.extend(scan.lists().iter().flat_map(|(_, list)| listed(list)));
        }
        Some(Findings::List(list)) => details.extend(listed(list)),
        None => {}
    }
    details.extend(data.accepted_findings.iter().flat_map(|it| listed(it)));
    details.extend(data.reactivated_findings.iter().flat_map(|it| listed(it)));
    details.extend(data.risk_acceptance.iter().map(|it| it.name.clone()));
    details.extend(data.test.iter().map(|test| test.title.clone()));
    details.push(data.title.clone());
    details
}

/// What stays: names of product, engagement and people, which a title may be made of.
fn stays(data: &EventData, detail: &str) -> bool {
    let names = [
        data.product_type.as_ref().map(|it| it.name.as_str()),
        data.product.as_ref().map(|it| it.name.as_str()),
        data.engagement.as_ref().map(|it| it.name.as_str()),
    ];
    // A note of two letters stands in many a word.
    detail.trim().chars().count() < 4
        || names
            .into_iter()
            .flatten()
            .any(|name| name.contains(detail))
}

#[test]
fn no_channel_tells_a_detail_of_a_recorded_event() {
    for event in recorded() {
        for redacted in [false, true] {
            let out = link_only(&event, redacted);
            for detail in details(&event.data) {
                if stays(&event.data, &detail) {
                    continue;
                }
                let everything = out.sent().into_iter().chain(out.read());
                for (channel, text) in everything {
                    assert!(
                        !text.contains(&detail),
                        "{} tells {detail:?} in {channel}: {text}",
                        event.name
                    );
                }
            }
        }
    }
}

/// An event whose every free text is the secret; product, engagement and people have names.
fn full_of(name: &str, secret: &str, url: &Value) -> Event {
    let finding = json!({
        "id": 4, "title": secret, "severity": secret, "date": "2026-01-02", "sla_expiration_date": "2026-01-03",
        "component_name": secret, "component_version": secret, "description": secret,
    });
    let data = json!({
        "title": secret, "description": secret, "source": secret, "note": secret, "section": format!("Finding: {secret}"),
        "breach_kind": secret, "sla_age": -77, "finding_count": 4711, "url": url, "url_api": url,
        "product": {"id": 1, "name": "Cranes", "tags": [secret], "description": secret},
        "engagement": {"id": 2, "name": "Q4", "lead": secret},
        "test": {"id": 3, "title": secret, "display": secret},
        "finding": finding, "findings": {"new": [finding], "untouched_duplicate": [finding]},
        "findings_counts": {"new": 4711},
        "accepted_findings": [finding], "reactivated_findings": [finding],
        "risk_acceptance": {"id": 6, "name": secret, "owner": secret, "expiration_date": secret},
        "component_name": secret, "unheard_of": {"of": [secret]},
    });
    event(name, &data)
}

const NAMES: [&str; 9] = [
    "scan_added",
    "scan_added_empty",
    "finding_added",
    "sla_breach",
    "sla_breach_combined",
    "review_requested",
    "user_mentioned",
    "risk_acceptance_expiration",
    "unheard_of",
];

proptest! {
    #[test]
    fn no_channel_tells_what_a_hostile_event_holds(
        // Letters that stand in no other text, so that what is found was told.
        secret in "[ʘʬѮҨ]{4}[<>\"'&{}%*_!@#\\[\\]\\\\/:; \u{202e}\n]{0,12}[ʘʬѮҨ]{3}",
        name in prop::sample::select(&NAMES),
        redacted: bool,
    ) {
        for url in [json!("/finding/4"), json!(format!("javascript:{secret}")), Value::Null] {
            let out = link_only(&full_of(name, &secret, &url), redacted);
            for (channel, text) in out.sent().into_iter().chain(out.read()) {
                for told in ["ʘ", "ʬ", "Ѯ", "Ҩ", "4711", "77", "2026-01-0", "Jan 2", "Jan 3"] {
                    prop_assert!(!text.contains(told), "{name} tells {told} in {channel}: {text}");
                }
            }
            prop_assert_eq!(out.message.href(), Some("https://dojo.example/finding/4"));
        }
    }
}

#[test]
fn a_reader_learns_what_kind_of_thing_happened_where_and_where_to_read_it() {
    let out = link_only(&first("scan_added"), false);
    let subject = &out.mail.subject;
    assert!(
        subject.starts_with("Hafenwerk notification: Scan Added: "),
        "{subject}"
    );
    for (channel, text) in out.read() {
        for words in [
            "Scan results were imported",
            "CraneControl",
            "Q4 crane pentest",
        ] {
            assert!(text.contains(words), "no {words} in {channel}: {text}");
        }
        assert!(text.contains("left out"), "{channel}: {text}");
    }
    assert!(out.message.href().unwrap().contains("/test/"));
}

#[test]
fn a_review_request_still_tells_who_asks() {
    let out = link_only(&first("review_requested"), false);
    for (channel, text) in out.read() {
        assert!(text.contains("Tomasz Wiśniewski"), "{channel}: {text}");
    }
}

#[test]
fn no_sentence_speaks_of_numbers_that_are_not_told() {
    for event in recorded() {
        let text = link_only(&event, false).message.text;
        for wrong in ["0 ", "None", "“”", "()"] {
            assert!(!text.contains(wrong), "{}: {text}", event.name);
        }
    }
}

#[test]
fn a_webhook_body_keeps_ids_and_links_and_leaves_details_out() {
    let body = link_only(&full_of("scan_added", "s3cr3t", &json!("/test/3")), false).webhook;
    assert_eq!(body["sensitivity"], "link_only");
    assert_eq!(body["title"], "Scan Added: Cranes");
    assert_eq!(body["product"]["name"], "Cranes");
    assert_eq!(body["engagement"]["name"], "Q4");
    let finding = json!({
        "id": 4,
        "url_ui": "https://dojo.example/finding/4",
        "url_api": "https://dojo.example/api/v2/findings/4/",
    });
    assert_eq!(body["finding"], finding);
    assert_eq!(body["test"]["id"], 3);
    for member in ["findings", "finding_count", "note", "redacted"] {
        assert!(body.get(member).is_none(), "{body}");
    }
}

#[test]
fn an_operators_template_gets_no_details_either() {
    let mut templates = Templates::built_in().unwrap();
    let source =
        "{{ link_only }} {{ title }}{{ description }}{{ finding }}{{ severity }}{{ totals.new }}";
    templates.replace("other.txt", source).unwrap();
    let settings = settings();
    let context = Context {
        channel: Channel::Slack,
        sensitivity: Sensitivity::LinkOnly,
        ..context(&settings)
    };
    let event = full_of("unheard_of", "s3cr3t", &json!("/x"));
    let message = Message::compose(&templates, &event, &context).unwrap();
    assert!(message.text.starts_with("True\n"), "{}", message.text);
}

#[test]
fn a_word_that_names_no_sensitivity_is_refused_with_those_that_do() {
    assert_eq!("full".parse::<Sensitivity>().unwrap(), Sensitivity::Full);
    assert_eq!(
        "link_only".parse::<Sensitivity>().unwrap(),
        Sensitivity::LinkOnly
    );
    let error = "links".parse::<Sensitivity>().unwrap_err();
    assert_eq!(error.to_string(), "allowed are full, link_only");
}
