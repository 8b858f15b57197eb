//! What is an event, but holds what a server would refuse or a program might stumble over.

use std::collections::BTreeSet;

use proto_events::outcome::State;
use proto_events::{Channel, Reason, Service, ids};
use serde_json::{Value, json};
use system_tests::look::about_cranes;
use system_tests::play::{Play, play, until};

/// How long a very long text is (bytes): more than an index, a header or a subject takes.
const LONG: usize = 1024 * 1024;

/// Deliveries and alerts of an event about the cranes.
const EACH: usize = 12;

/// An event whose id tells what is odd about it.
fn event(what: &str, name: &str, data: &str) -> String {
    let (what, name) = (json!(what), json!(name));
    format!(r#"{{"specversion":"1.0","id":{what},"source":{what},"type":{name},"data":{data}}}"#)
}

/// An event with members of another value.
fn with(what: &str, members: &[(&str, Value)]) -> String {
    let mut data = about_cranes();
    for (name, value) in members {
        data[name] = value.clone();
    }
    event(what, "other", &data.to_string())
}

/// An event with an unheard-of member, whose value no tree could hold.
fn unheard(what: &str, value: &str) -> String {
    let data = about_cranes().to_string();
    event(
        what,
        "other",
        &format!(r#"{{"unheard":{value},{}"#, &data[1..]),
    )
}

fn odd_values(long: &str) -> Vec<String> {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let nul = || json!("a\0b");
    vec![
        with(
            "NUL in texts",
            &[
                ("title", nul()),
                ("description", nul()),
                ("note", nul()),
                ("icon", nul()),
            ],
        ),
        with("a long title", &[("title", json!(long))]),
        with(
            "counts that are too large together",
            &[
                ("findings", json!({"new": []})),
                (
                    "findings_counts",
                    json!({"new_duplicate": u64::MAX, "untouched_duplicate": u64::MAX}),
                ),
            ],
        ),
        with("a long description", &[("description", json!(long))]),
        with(
            "a long name",
            &[("product", json!({"id": 7, "name": long}))],
        ),
        with("a long link", &[("url", json!(format!("/{long}")))]),
        with("a long icon", &[("icon", json!(long))]),
        with(
            "the least number",
            &[
                ("sla_age", json!(i64::MIN)),
                ("finding_count", json!(i64::MIN)),
            ],
        ),
        with(
            "the first day",
            &[("finding", json!({"id": i64::MIN, "date": "-262143-01-01"}))],
        ),
        unheard("half a surrogate", r#""\ud800""#),
        unheard("beyond all numbers", "1e999"),
        unheard("very deep", &deep),
        event(long, "other", &about_cranes().to_string()),
        event("NUL in the id \0", "other", &about_cranes().to_string()),
    ]
}

/// Names that no HTTP header holds.
fn odd_names(long: &str) -> Vec<String> {
    let data = about_cranes().to_string();
    let names = [long, "a\r\nb", "a\0b"];
    names
        .map(|name| event(&format!("the name {name:.4}"), name, &data))
        .into()
}

#[tokio::test]
async fn what_is_odd_is_recorded_and_delivered_and_what_no_header_holds_is_kept() {
    play(async |play: Play| {
        let long = "é".repeat(LONG / 2);
        let (values, names) = (odd_values(&long), odd_names(&long));
        for event in values.iter().chain(&names) {
            play.publish_raw("other", event.clone().into_bytes()).await;
        }
        let ledger = until("every delivery and every alert", async || {
            let mut ledger = play.store().ledger().await.unwrap();
            // Superusers hear of what is given up.
            ledger.retain(|entry| !entry.event_id.starts_with(ids::GIVEN_UP));
            let open = [State::Claimed, State::Retrying];
            let is_final = ledger.iter().all(|entry| !open.contains(&entry.state));
            (ledger.len() == EACH * (values.len() + names.len()) && is_final).then_some(ledger)
        })
        .await;
        let dead = ledger.iter().filter(|entry| entry.state == State::Dead);
        let dead: Vec<_> = dead
            .map(|entry| (entry.channel, entry.event_name.as_str()))
            .collect();
        assert_eq!(dead.len(), 2 * names.len(), "{dead:.40?}");
        for (channel, name) in dead {
            assert_eq!(channel, Channel::Webhooks, "{name:.40}");
        }
        let letters = play.store().dead_letters().await.unwrap();
        let kept: BTreeSet<_> = letters
            .iter()
            .map(|letter| (letter.service.as_str(), letter.reason, letter.detail.as_str()))
            .collect();
        let control = "the event's name cannot stand in an HTTP header; it holds a line break or another control character";
        let sender = Service::WebhookSender.as_str();
        assert_eq!(
            kept,
            [
                (sender, Reason::TooLarge, "the event's name is longer than a header should be (1000 bytes)"),
                (sender, Reason::Refused, control),
            ]
            .into()
        );
        play.end().await;
    })
    .await;
}
