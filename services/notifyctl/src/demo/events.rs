//! What is published: events recorded from a running DefectDojo, and a few of our own.

use chassis::broker::{Headers, Outgoing};
use chassis::config::BrokerConfig;
use chrono::Utc;
use proto_events::event::CONTENT_TYPE;

use crate::publish;

/// Recorded from a running DefectDojo.
const RECORDED: &str = include_str!("../../../../tests/fixtures/events.jsonl");

/// Two events for people who have switched them off, one of an unknown name, one for
/// somebody whose addresses are refused.
const OWN: &str = include_str!("../../demo/events.jsonl");

/// A message that broke off on its way.
const UNREADABLE: &str = r#"{"specversion":"1.0","id":"demo-unreadable","source":"http://localhost:8080","type":"com.defectdojo.product_added","data":{"title":"Crane sim"#;

/// How many of the events were recorded.
#[must_use]
pub fn recorded() -> usize {
    RECORDED.lines().count()
}

/// The events as messages, readable ones only.
///
/// # Errors
/// If a data file holds something that is no event.
pub fn readable(broker: &BrokerConfig) -> anyhow::Result<Vec<Outgoing>> {
    let lines = RECORDED.lines().chain(OWN.lines());
    lines.map(|line| publish::message(line, broker)).collect()
}

/// The message that cannot be read.
#[must_use]
pub fn unreadable(broker: &BrokerConfig) -> Outgoing {
    Outgoing {
        exchange: broker.broker_prefix.events(),
        routing_key: "product_added".to_owned(),
        content_type: CONTENT_TYPE,
        message_id: "demo-unreadable".to_owned(),
        headers: Headers::first(Utc::now().timestamp_millis(), None),
        body: UNREADABLE.as_bytes().to_vec(),
    }
}
