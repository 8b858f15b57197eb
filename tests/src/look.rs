//! What came of an event: at the receivers, in the ledger, in the alert list.

use std::collections::BTreeSet;
use std::sync::Arc;

use notifyctl::stage::receivers::Received;
use proto_events::outcome::State;
use proto_events::{Channel, Service};
use serde_json::{Value, json};

use crate::play::{CRANES, PATIENCE, Play, until};

/// What came, as (channel, to).
#[must_use]
pub fn targets(received: &[Arc<Received>]) -> BTreeSet<(Channel, String)> {
    received
        .iter()
        .map(|message| (message.channel, message.to.clone()))
        .collect()
}

/// What is expected to come, likewise.
#[must_use]
pub fn set(expected: &[(Channel, &str)]) -> BTreeSet<(Channel, String)> {
    expected
        .iter()
        .map(|(channel, to)| (*channel, (*to).to_owned()))
        .collect()
}

/// The payload of an event about the product that everybody's events are about.
#[must_use]
pub fn about_cranes() -> Value {
    json!({
        "title": "Test created for Cranes: Q4: Nightly", "url": "/test/42", "url_api": "/api/v2/tests/42/",
        "product_type": {"id": 1, "name": "Port"}, "product": {"id": CRANES, "name": "Cranes"},
        "engagement": {"id": 9, "name": "Q4"}, "test": {"id": 42, "title": "Nightly"}
    })
}

/// Waits until this many messages were taken by the receivers.
pub async fn received(play: &Play, count: usize) -> Vec<Arc<Received>> {
    let what = format!("message number {count}");
    let enough =
        |all: &[Arc<Received>]| all.iter().filter(|message| message.accepted).count() >= count;
    play.receivers
        .record
        .wait_for(&what, PATIENCE, enough)
        .await
        .unwrap()
}

/// Waits until these people have an alert of the event; none is the system.
pub async fn alerted(play: &Play, event: &str, people: &[Option<&str>]) {
    let expected: BTreeSet<Option<String>> =
        people.iter().map(|name| name.map(str::to_owned)).collect();
    until("the alerts", async || {
        let ledger = play.store().ledger().await.unwrap();
        let alerts = ledger
            .iter()
            .filter(|entry| entry.event_id == event && entry.channel == Channel::Alert);
        let told: BTreeSet<_> = alerts.map(|entry| entry.recipient.clone()).collect();
        (told == expected).then_some(())
    })
    .await;
}

/// Waits until the ledger holds this many deliveries of the event in a final state.
pub async fn settled(play: &Play, event: &str, count: usize) -> Vec<store::LedgerEntry> {
    until("the ledger's entries", async || {
        let mut entries = play.store().ledger().await.unwrap();
        entries.retain(|entry| entry.event_id == event && entry.channel != Channel::Alert);
        let open = [State::Claimed, State::Retrying];
        (entries.len() == count && entries.iter().all(|entry| !open.contains(&entry.state)))
            .then_some(entries)
    })
    .await
}

/// What a service's own port shows under a path: `metrics`, `readyz`, `livez`.
pub async fn shown(play: &Play, service: Service, path: &str) -> String {
    let log = std::fs::read_to_string(play.fleet.log(service)).unwrap();
    let mut lines = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let started = lines.find(|line| line["message"] == "started").unwrap();
    let address = started["address"].as_str().unwrap();
    let answer = reqwest::get(format!("http://{address}/{path}")).await;
    answer.unwrap().text().await.unwrap()
}
