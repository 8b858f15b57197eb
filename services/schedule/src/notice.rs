//! Something to tell, and its form on the wire.

use chassis::broker::{Headers, Outgoing};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use proto_events::payload::{EngagementObject, EventData, NamedObject, ProductObject, UserRef};
use proto_events::{Event, EventName, Kind, Names, directory_change, event};
use serde_json::{Value, json};
use store::scheduling::engagements::EngagementFacts;

/// The source of every event that time makes.
pub const SOURCE: &str = "dojo-notify/scheduler";

/// Something to tell. Its id is made of what it is about, so that telling it again is no news.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// E.g. `stale_engagement/engagement/12/2026-11-21`.
    pub id: String,
    /// What is told.
    pub what: What,
}

/// What a notice tells.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An event, which people hear of by their rules.
    Event(Box<Event>),
    /// A change that DefectDojo is to make.
    Change {
        /// What kind of object it is about.
        kind: Kind,
        /// The whole object as it shall be.
        object: Value,
        /// When it was decided.
        at: DateTime<Utc>,
    },
}

impl Notice {
    /// An event about an object, e.g. `engagement/12`, that is told once for each `threshold`.
    #[must_use]
    pub fn event(
        name: &str,
        subject: String,
        threshold: impl std::fmt::Display,
        time: DateTime<Utc>,
        data: EventData,
    ) -> Self {
        let id = format!("{name}/{subject}/{threshold}");
        let event = Event {
            specversion: "1.0".to_owned(),
            id: id.clone(),
            source: SOURCE.to_owned(),
            name: EventName::new(name),
            time: Some(time),
            subject: Some(subject),
            traceparent: None,
            data,
        };
        Self {
            id,
            what: What::Event(Box::new(event)),
        }
    }

    /// The message that tells it.
    ///
    /// # Errors
    /// If it cannot be written as JSON, which would be a fault of a type.
    pub fn message(
        &self,
        names: &Names,
        now: DateTime<Utc>,
    ) -> Result<Outgoing, serde_json::Error> {
        let (exchange, routing_key, content_type) = match &self.what {
            What::Event(event) => (names.events(), event.name.as_str(), event::CONTENT_TYPE),
            What::Change { kind, .. } => (
                names.upstream(),
                kind.as_str(),
                directory_change::CONTENT_TYPE,
            ),
        };
        Ok(Outgoing {
            exchange,
            routing_key: routing_key.to_owned(),
            content_type,
            message_id: self.id.clone(),
            headers: Headers::first(now.timestamp_millis(), None),
            body: self.body()?.to_string().into_bytes(),
        })
    }

    /// Its body as JSON, without members that say nothing.
    ///
    /// # Errors
    /// As [`Notice::message`].
    pub fn body(&self) -> Result<Value, serde_json::Error> {
        match &self.what {
            What::Event(event) => Ok(without_nulls(serde_json::to_value(event)?)),
            What::Change { kind, object, at } => Ok(json!({
                "version": directory_change::VERSION, "kind": kind, "action": "upsert", "at": at, "object": object,
            })),
        }
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// A time for an event about a day: readers reckon with its day in UTC, which is another one
/// than the day in a zone far from there. Then it is the moment of that day nearest to now.
#[must_use]
pub fn time_on(day: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
    let first = day.and_time(NaiveTime::MIN).and_utc();
    let last = first + TimeDelta::hours(24) - TimeDelta::seconds(1);
    now.clamp(first, last)
}

/// What every event about an engagement, or below one, says of where it belongs.
#[must_use]
pub fn about(engagement: &EngagementFacts) -> EventData {
    EventData {
        product_type: Some(NamedObject {
            id: engagement.product_type,
            name: engagement.product_type_name.clone(),
        }),
        product: Some(ProductObject {
            id: engagement.product,
            name: engagement.product_name.clone(),
            tags: engagement.product_tags.clone(),
        }),
        engagement: Some(EngagementObject {
            id: engagement.id,
            name: engagement.name.clone(),
            lead: engagement.lead_username.clone(),
        }),
        ..EventData::default()
    }
}

/// The recipients of what concerns one person.
#[must_use]
pub fn only(username: &str) -> Option<Vec<Option<UserRef>>> {
    Some(vec![Some(UserRef::Username(username.to_owned()))])
}
