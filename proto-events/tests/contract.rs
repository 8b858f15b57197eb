//! The generated documents are those in `schemas/`, and real events agree with them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use proto_events::{Column, Event, EventName, Job, Unreadable, contract, job::UnreadableJob};
use serde_json::{Value, json};

const RECORDED: &str = include_str!("../../tests/fixtures/events.jsonl");

fn minimal() -> Value {
    json!({"specversion": "1.0", "id": "1", "source": "s", "type": "product_added", "data": {"title": "T"}})
}

fn parse(event: &Value) -> Result<Event, Unreadable> {
    Event::parse(event.to_string().as_bytes())
}

#[test]
fn the_committed_documents_are_what_the_types_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (name, text) in contract::documents().unwrap() {
        let committed = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            committed == text,
            "schemas/{name} is stale: run ./dev contract"
        );
    }
}

#[test]
fn every_recorded_event_parses_and_validates() {
    let schema = jsonschema::validator_for(&contract::schema::<Event>("Event")).unwrap();
    let mut count = 0;
    for line in RECORDED.lines() {
        Event::parse(line.as_bytes()).unwrap_or_else(|e| panic!("{e}: {line}"));
        let value: Value = serde_json::from_str(line).unwrap();
        let problems: Vec<String> = schema.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?}: {line}");
        count += 1;
    }
    assert_eq!(count, 129);
}

#[test]
fn an_event_without_a_column_follows_other_and_engagement_closed_follows_close_engagement() {
    assert_eq!(
        EventName::new("com.defectdojo.finding_added").column(),
        Column::Other
    );
    assert_eq!(
        EventName::new("other/../scan_added").column(),
        Column::Other
    );
    assert_eq!(
        EventName::new("engagement_closed").column(),
        Column::CloseEngagement
    );
    assert_eq!(
        EventName::new("sla_breach_combined").column(),
        Column::SlaBreachCombined
    );
}

#[test]
fn a_missing_title_is_named_and_an_empty_one_is_legal() {
    let mut event = minimal();
    event["data"] = json!({});
    let error = parse(&event).unwrap_err().to_string();
    assert!(error.contains("title"), "{error}");
    event["data"] = json!({"title": null});
    assert!(
        parse(&event)
            .unwrap_err()
            .to_string()
            .contains("data.title")
    );
    event["data"] = json!({"title": ""});
    assert!(parse(&event).is_ok());
}

#[test]
fn an_unreadable_event_says_why() {
    assert!(matches!(
        Event::parse(b"{\"a\":\xff}"),
        Err(Unreadable::NotUtf8(5))
    ));
    assert!(matches!(
        Event::parse(b"hello"),
        Err(Unreadable::NotJson(_))
    ));
    let mut event = minimal();
    event["specversion"] = json!("2.0");
    assert_eq!(parse(&event), Err(Unreadable::Version("2.0".to_owned())));
    let mut event = minimal();
    event["id"] = json!("");
    assert_eq!(parse(&event), Err(Unreadable::Empty("id")));
    let mut event = minimal();
    event["data"]["product"] = json!({"id": "four"});
    let error = parse(&event).unwrap_err().to_string();
    assert!(error.contains("data.product.id"), "{error}");
}

#[test]
fn a_binary_mode_message_becomes_a_structured_one() {
    let attributes = [
        ("specversion", "1.0"),
        ("id", "7"),
        ("source", "s"),
        ("type", "com.defectdojo.test_added"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = Event::structured(attributes, br#"{"title":"T","unknown":[1]}"#).unwrap();
    let event = Event::parse(&body).unwrap();
    assert_eq!(event.name.as_str(), "test_added");
    assert_eq!(event.data.title, "T");
    assert!(String::from_utf8(body).unwrap().contains("\"unknown\":[1]"));
}

#[test]
fn a_job_of_a_newer_version_is_refused_before_anything_else_is_read() {
    let newer = br#"{"version": 2, "to": {"channel": "pigeon"}}"#;
    assert_eq!(
        Job::parse(newer).unwrap_err(),
        UnreadableJob::NewerVersion(2)
    );
    assert!(matches!(
        Job::parse(br#"{"version": 1}"#),
        Err(UnreadableJob::Malformed(_))
    ));
}

#[test]
fn every_example_event_in_the_docs_parses_and_validates() {
    let schema = jsonschema::validator_for(&contract::schema::<Event>("Event")).unwrap();
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut examples = 0;
    for file in std::fs::read_dir(docs).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for example in text
            .split("```json\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
        {
            let value: Value =
                serde_json::from_str(example).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            if value.get("specversion").is_some() {
                Event::parse(example.as_bytes())
                    .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                assert!(schema.is_valid(&value), "{}: {example}", path.display());
                examples += 1;
            }
        }
    }
    assert!(examples >= 2, "found {examples}");
}

#[test]
fn a_list_that_is_shortened_keeps_the_count_that_its_publisher_gave() {
    let finding = json!({"id": 1, "title": "x".repeat(400)});
    let event = |told: usize, counts: Value| {
        let event =
            json!({"data": {"findings": vec![finding.clone(); told], "findings_counts": counts}});
        let raw = serde_json::value::to_raw_value(&event).unwrap();
        let short = proto_events::trim::trimmed(&std::sync::Arc::from(raw));
        let short: Value = serde_json::from_str(short.get()).unwrap();
        short["data"]["findings_counts"]["list"].clone()
    };
    assert_eq!(event(60, json!({"list": 5000})), 5000);
    assert_eq!(event(60, Value::Null), 60);
}
