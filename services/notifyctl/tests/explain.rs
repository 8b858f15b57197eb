//! `explain --scenarios`, by its library door.

#![expect(
    clippy::unwrap_used,
    reason = "output that cannot be read fails the test"
)]

use notifyctl::explain::scenarios;
use serde_json::{Value, json};

/// Routing decisions recorded from DefectDojo.
const RECORDED: &str = include_str!("../../../tests/fixtures/scenarios.jsonl");

fn explain(input: &str) -> (String, Option<String>) {
    let mut output = Vec::new();
    let error = scenarios(input.as_bytes(), &mut output)
        .err()
        .map(|error| format!("{error:#}"));
    (String::from_utf8(output).unwrap(), error)
}

/// The answers to well-formed lines.
fn answers(input: &str) -> Vec<Value> {
    let (output, error) = explain(input);
    assert_eq!(error, None);
    output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn decisions(scenario: &Value) -> Value {
    answers(&scenario.to_string())[0]["decisions"].clone()
}

#[test]
fn every_recorded_scenario_is_decided_as_recorded() {
    let recorded: Vec<Value> = RECORDED
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(recorded.len(), 292);
    for (scenario, answer) in recorded.iter().zip(answers(RECORDED)) {
        assert_eq!(answer["id"], scenario["id"]);
        assert_eq!(
            answer["decisions"], scenario["decisions"],
            "scenario {}",
            scenario["id"]
        );
    }
}

#[test]
fn a_scenario_is_answered_by_one_compact_line() {
    let (output, _) = explain(
        r#"{"id":7,"users":[{"username":"root","superuser":true}],"event":{"type":"other"}}"#,
    );
    assert_eq!(
        output,
        "{\"id\":7,\"decisions\":[[\"alert\",null],[\"alert\",\"root\"]]}\n"
    );
}

#[test]
fn blank_lines_are_passed_over() {
    assert_eq!(
        answers("\n{\"id\":1,\"event\":{\"type\":\"other\"}}\n  \n").len(),
        1
    );
}

#[test]
fn a_scenario_needs_nothing_but_an_event() {
    assert_eq!(
        decisions(&json!({"event": {"type": "other"}})),
        json!([["alert", null]])
    );
    assert_eq!(
        decisions(&json!({"event": {"type": "scan_added_empty"}})),
        json!([])
    );
}

#[test]
fn a_missing_trump_list_is_the_default_one_and_an_empty_list_is_empty() {
    let mut scenario = json!({
        "users": [{"username": "ann"}],
        "rules": [{"scope": "personal", "user": "ann", "channels": {"user_mentioned": []}}],
        "event": {"type": "user_mentioned", "recipients": ["ann"]},
    });
    assert_eq!(decisions(&scenario), json!([["alert", "ann"]]));
    scenario["trump"] = json!([]);
    assert_eq!(decisions(&scenario), json!([]));
}

#[test]
fn recipients_who_do_not_exist_are_inactive_or_null_are_told_nothing() {
    let scenario = json!({
        "users": [{"username": "ann"}, {"username": "ida", "active": false}],
        "rules": [{"scope": "personal", "user": "ann"}, {"scope": "personal", "user": "ida"}],
        "event": {"type": "other", "recipients": [null, "ida", "nobody", 1, "ann"]},
    });
    assert_eq!(decisions(&scenario), json!([["alert", "ann"]]));
}

#[test]
fn an_event_about_an_unknown_product_reaches_those_who_see_everything() {
    let scenario = json!({
        "users": [
            {"username": "reader", "global_role": "Reader"},
            {"username": "root", "superuser": true},
            {"username": "member"},
        ],
        "products": [{"id": 1, "product_type": 1}],
        "members": [{"user": "member", "product": 1}],
        "rules": [{"scope": "personal", "user": "reader"}, {"scope": "personal", "user": "member"}],
        "event": {"type": "other", "product": 99},
    });
    assert_eq!(
        decisions(&scenario),
        json!([["alert", null], ["alert", "reader"], ["alert", "root"]])
    );
}

#[test]
fn a_recipient_without_access_is_told_all_the_same() {
    let scenario = json!({
        "users": [{"username": "ann"}],
        "products": [{"id": 1, "product_type": 1}],
        "rules": [{"scope": "personal", "user": "ann"}],
        "event": {"type": "other", "product": 1, "recipients": ["ann"]},
    });
    assert_eq!(decisions(&scenario), json!([["alert", "ann"]]));
}

#[test]
fn a_line_that_is_no_scenario_is_named_by_number_after_the_answers_before_it() {
    let good = r#"{"id":1,"event":{"type":"other"}}"#;
    for (bad, complaint) in [
        (
            "{\"id\":",
            "line 3 is no scenario: EOF while parsing a value (column 6)",
        ),
        (
            "{\"id\":2}",
            "line 3 is no scenario: missing field `event` (column 8)",
        ),
        (
            r#"{"event":{"type":"other"},"members":[{"user":"ann","product":1}]}"#,
            "line 3 is no scenario: members: \"ann\" is no user of the scenario; add the user or correct the name",
        ),
        (
            r#"{"event":{"type":"other"},"rules":[{"scope":"personal"}]}"#,
            "line 3 is no scenario: rules: a personal rule needs a user",
        ),
        (
            r#"{"event":{"type":"other"},"users":[{"username":"a"},{"username":"a"}]}"#,
            "line 3 is no scenario: the user \"a\" is there twice; names are unique",
        ),
    ] {
        let (output, error) = explain(&format!("{good}\n\n{bad}\n{good}\n"));
        assert_eq!(output.lines().count(), 1);
        assert_eq!(error.as_deref(), Some(complaint));
    }
}
