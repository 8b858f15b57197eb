//! Changes of the directory are read as they are documented, and ordered alike everywhere.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proto_events::directory_change::{Stamp, UnreadableChange};
use proto_events::{DirectoryChange, Kind, contract};
use serde_json::{Value, json};

const FIXTURE: &str = include_str!("../../tests/fixtures/directory-changes.jsonl");
const PAGE: &str = include_str!("../../docs/directory-changes.md");

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn parse(change: &Value) -> Result<DirectoryChange, UnreadableChange> {
    DirectoryChange::parse(change.to_string().as_bytes(), now())
}

fn group(object: &Value) -> Value {
    json!({"kind": "group", "action": "upsert", "at": "2026-11-22T07:30:00Z", "object": object})
}

#[test]
fn every_example_parses_and_validates_and_every_kind_occurs() {
    let schema = contract::schema::<DirectoryChange>("DirectoryChange");
    let schema = jsonschema::validator_for(&schema).unwrap();
    let examples = PAGE.split("```json\n").skip(1);
    let examples: Vec<&str> = examples
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(examples.len(), 3);
    let mut kinds = Vec::new();
    for text in FIXTURE.lines().chain(examples) {
        let change = DirectoryChange::parse(text.as_bytes(), now());
        kinds.push(
            change
                .unwrap_or_else(|error| panic!("{error}: {text}"))
                .kind,
        );
        let value = serde_json::from_str(text).unwrap();
        let problems: Vec<String> = schema.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?}: {text}");
    }
    for kind in Kind::ALL {
        assert!(kinds.contains(&kind), "{kind}");
    }
}

#[test]
fn a_product_may_say_its_sla_and_what_it_leaves_out_is_defectdojos() {
    let product = |sla: Value| {
        parse(
            &json!({"kind": "product", "action": "upsert", "at": "2026-11-22T07:30:00Z",
            "object": {"id": 7, "name": "Cranes", "product_type": 1, "sla_configuration": sla}}),
        )
    };
    let object = product(json!({"critical": 3, "enforce_low": false}))
        .unwrap()
        .object;
    assert_eq!(
        object.unwrap()["sla_configuration"],
        json!({"critical": 3, "enforce_critical": true, "high": 30, "enforce_high": true,
               "medium": 90, "enforce_medium": true, "low": 120, "enforce_low": false})
    );
    assert!(product(Value::Null).is_ok());
    for days in [0, -1, 36_501] {
        let error = product(json!({ "high": days })).unwrap_err().to_string();
        let words = format!(
            "object.sla_configuration.high is missing or wrong: {days} is no number of days"
        );
        assert!(error.contains(&words), "{error}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema = contract::schema::<DirectoryChange>("DirectoryChange");
    let schema = jsonschema::validator_for(&schema).unwrap();
    let good = group(&json!({"id": 1, "name": "Auditors"}));
    assert!(schema.is_valid(&good) && parse(&good).is_ok());
    for (member, value) in [
        ("kind", json!("planet")),
        ("action", json!("upset")),
        ("object", json!({"name": "without an id"})),
        ("object", json!({"id": "one", "name": "Auditors"})),
        ("version", json!(2)),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        assert!(!schema.is_valid(&bad) && parse(&bad).is_err(), "{bad}");
    }
}

#[test]
fn a_newer_version_is_refused_before_anything_else_is_read() {
    let error = parse(&json!({"version": 2, "kind": "planet"})).unwrap_err();
    assert_eq!(error, UnreadableChange::NewerVersion(2));
}

#[test]
fn the_same_object_has_the_same_stamp_however_it_is_written() {
    let short = parse(&group(&json!({"id": 1, "name": "A"}))).unwrap();
    let long = parse(&group(
        &json!({"unknown": 7, "name": "A", "global_role": null, "id": 1}),
    ));
    assert_eq!(short, long.unwrap());
    let mut finer = group(&json!({"id": 1, "name": "A"}));
    finer["at"] = json!("2026-11-22T08:30:00.0000009+01:00");
    assert_eq!(
        short.stamp,
        parse(&finer).unwrap().stamp,
        "no finer than the database"
    );
}

fn stamps() -> impl Strategy<Value = Vec<Stamp>> {
    let stamp = (0..3i64, any::<bool>(), 0..3u8).prop_map(|(second, deleted, name)| {
        let object = json!({"name": name});
        let at = now() + TimeDelta::seconds(second);
        Stamp::new(at, (!deleted).then_some(&object))
    });
    prop::collection::vec(stamp, 1..20)
}

/// Takes changes as they come, as the database does.
fn last(stamps: &[Stamp]) -> Stamp {
    let newer = |known: Stamp, next: &Stamp| if known < *next { *next } else { known };
    stamps[1..].iter().fold(stamps[0], newer)
}

proptest! {
    #[test]
    fn whatever_the_order_of_arrival_the_same_change_counts(
        (stamps, shuffled) in stamps().prop_flat_map(|stamps| (Just(stamps.clone()), Just(stamps).prop_shuffle()))
    ) {
        let counts = last(&stamps);
        prop_assert_eq!(counts, last(&shuffled));
        let newest = stamps.iter().map(|stamp| stamp.at).max().unwrap();
        prop_assert_eq!(counts.at, newest);
        let deleted = stamps.iter().any(|stamp| stamp.at == newest && stamp.deleted);
        prop_assert_eq!(counts.deleted, deleted, "at the same time a deletion wins");
    }
}
