//! Bodies have DefectDojo's members, and its shapes.
#![allow(clippy::unwrap_used)]

mod support;

use messages::{Context, Message, Templates};
use serde_json::{Value, json};
use support::{context, event, everywhere, first, settings};

fn members(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[track_caller]
fn has_exactly(name: &str, expected: &[&str]) {
    let body = everywhere(&first(name)).webhook;
    let mut expected: Vec<&str> = ["description", "disclaimer", "title", "user"]
        .iter()
        .chain(expected)
        .copied()
        .collect();
    expected.sort_unstable();
    assert_eq!(members(&body), expected, "{name}");
}

#[test]
fn the_members_are_those_of_defectdojo() {
    has_exactly("product_type_added", &["url_ui", "url_api", "product_type"]);
    has_exactly(
        "product_added",
        &["url_ui", "url_api", "product_type", "product"],
    );
    has_exactly(
        "engagement_added",
        &["url_ui", "url_api", "product_type", "product", "engagement"],
    );
    has_exactly(
        "test_added",
        &[
            "url_ui",
            "url_api",
            "product_type",
            "product",
            "engagement",
            "test",
        ],
    );
    let scan = [
        "url_ui",
        "url_api",
        "product_type",
        "product",
        "engagement",
        "test",
        "finding_count",
        "findings",
    ];
    has_exactly("scan_added", &scan);
    has_exactly("scan_added_empty", &scan);
    let review = [
        "url_ui",
        "product_type",
        "product",
        "engagement",
        "test",
        "finding",
        "requested_by",
        "reviewers",
    ];
    has_exactly("review_requested", &review);
}

#[test]
fn other_events_carry_their_objects_too() {
    has_exactly(
        "user_mentioned",
        &["url_ui", "requested_by", "section", "note"],
    );
    has_exactly(
        "sla_breach_combined",
        &["product_type", "product", "findings", "breach_kind"],
    );
    let breach = [
        "url_ui",
        "product_type",
        "product",
        "engagement",
        "test",
        "finding",
        "sla_age",
    ];
    has_exactly("sla_breach", &breach);
    let risk = [
        "url_ui",
        "product_type",
        "product",
        "engagement",
        "risk_acceptance",
        "accepted_findings",
    ];
    has_exactly("risk_acceptance_expiration", &risk);
}

#[test]
fn objects_have_name_id_page_and_resource() {
    let body = everywhere(&first("scan_added")).webhook;
    let product_type = json!({
        "id": 1, "name": "Port Systems",
        "url_ui": "https://dojo.example/organization/1", "url_api": "https://dojo.example/api/v2/product_types/1/",
    });
    assert_eq!(body["product_type"], product_type);
    assert_eq!(body["product"]["url_ui"], "https://dojo.example/asset/1");
    assert_eq!(
        body["product"]["url_api"],
        "https://dojo.example/api/v2/products/1/"
    );
    assert_eq!(
        body["engagement"]["url_api"],
        "https://dojo.example/api/v2/engagements/1/"
    );
    assert_eq!(members(&body["test"]), ["id", "title", "url_api", "url_ui"]);
    assert_eq!(
        members(&body["findings"]["new"][0]),
        ["id", "severity", "title", "url_api", "url_ui"]
    );
    assert_eq!(
        body["findings"]["new"][0]["url_api"],
        "https://dojo.example/api/v2/findings/1/"
    );
}

#[test]
fn finding_lists_are_never_null_and_worst_first() {
    let findings = json!({"new": [{"id": 1, "severity": "Low"}, {"id": 2, "severity": "Critical"}, {"id": 3, "severity": "High"}]});
    let body = everywhere(&event(
        "scan_added",
        &json!({"title": "t", "findings": findings}),
    ))
    .webhook;
    let lists = body["findings"].as_object().unwrap();
    assert_eq!(lists.len(), 7);
    assert!(lists.values().all(Value::is_array));
    let ids: Vec<&Value> = lists["new"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| &finding["id"])
        .collect();
    assert_eq!(ids, [2, 3, 1]);
    let bare = everywhere(&event("scan_added", &json!({"title": "t"}))).webhook;
    assert_eq!(bare["findings"]["new"], json!([]));
    assert_eq!(bare["finding_count"], 0);
}

#[test]
fn a_review_request_without_people_has_null_and_an_empty_list() {
    let body = everywhere(&event("review_requested", &json!({"title": "t"}))).webhook;
    assert_eq!(body["requested_by"], Value::Null);
    assert_eq!(body["reviewers"], json!([]));
}

#[test]
fn a_test_without_a_title_of_its_own_has_null() {
    assert_eq!(
        everywhere(&first("scan_added_empty")).webhook["test"]["title"],
        Value::Null
    );
    assert_eq!(
        everywhere(&first("test_added")).webhook["test"]["title"],
        "Manual: \"gate\" logic"
    );
}

#[test]
fn the_user_is_the_endpoints_owner_or_null() {
    let event = first("product_added");
    let owner = json!({
        "id": 7, "email": "ana@example.com", "username": "ana", "first_name": "Ana", "last_name": "Lund",
        "url_ui": "https://dojo.example/user/7", "url_api": "https://dojo.example/api/v2/users/7/",
    });
    assert_eq!(everywhere(&event).webhook["user"], owner);
    let settings = settings();
    let context = Context {
        personal: false,
        ..context(&settings)
    };
    let message = Message::compose(&Templates::built_in().unwrap(), &event, &context).unwrap();
    assert_eq!(
        messages::webhook(&event, &message, &context, None)["user"],
        Value::Null
    );
}

#[test]
fn the_description_is_the_events_or_else_ours() {
    assert_eq!(
        everywhere(&first("finding_closed")).webhook["description"],
        "The finding \"Server Banner\" was closed by tomasz_w"
    );
    let text = everywhere(&first("product_added"));
    assert_eq!(text.webhook["description"], text.message.text);
}

#[test]
fn a_ping_is_a_body_of_three_members() {
    let settings = proto_events::directory::Settings::default();
    let event = event("ping", &json!({"title": ""}));
    let context = context(&settings);
    let message = Message::compose(&Templates::built_in().unwrap(), &event, &context).unwrap();
    let body = messages::webhook(&event, &message, &context, None);
    assert_eq!(
        body,
        json!({"description": "Test webhook notification", "title": "", "user": null})
    );
}
