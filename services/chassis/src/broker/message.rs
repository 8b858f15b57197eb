//! What goes onto the wire and comes off it, beside the body.

use std::time::Duration;

use chrono::{DateTime, Utc};
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use proto_events::{Event, Job, Names, event, headers, job};

use crate::trace::Span;

/// Bytes of a reason that are passed on. It is a word, but strangers can send any: a
/// header that fills a frame closes the connection.
const LONGEST_REASON: usize = 255;

/// Bytes of a name in AMQP (0-9-1, 4.2.5.3 "short string").
const LONGEST_NAME: usize = 255;

/// The headers that travel with a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// Which attempt the message is at; 1 is the first.
    pub attempt: u32,
    /// When it was first published, in milliseconds since 1970; none if it never said.
    pub first_published: Option<i64>,
    /// Why the last attempt failed.
    pub reason: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

impl Headers {
    /// The headers of a message's first publishing. A trace context that is none is left out.
    #[must_use]
    pub fn first(published: i64, traceparent: Option<String>) -> Self {
        Self {
            attempt: 1,
            first_published: Some(published),
            reason: None,
            traceparent: traceparent.filter(|text| headers::is_traceparent(text)),
        }
    }

    /// Time since the message was first published; none if it does not say, or says the future.
    #[must_use]
    pub fn age(&self, now: DateTime<Utc>) -> Option<Duration> {
        let age = now.timestamp_millis().checked_sub(self.first_published?)?;
        u64::try_from(age).ok().map(Duration::from_millis)
    }

    pub(crate) fn read(properties: &BasicProperties) -> Self {
        let table = properties.headers().as_ref().map(FieldTable::inner);
        let value = |name: &str| table.and_then(|table| table.get(name));
        let text = |name: &str| value(name).and_then(text);
        Self {
            attempt: value(headers::ATTEMPT)
                .and_then(integer)
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(1)
                .max(1),
            first_published: value(headers::FIRST_PUBLISHED).and_then(integer),
            reason: text(headers::REASON).map(|mut reason| {
                reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
                reason
            }),
            traceparent: text(headers::TRACEPARENT).filter(|text| headers::is_traceparent(text)),
        }
    }

    /// The headers with the context of a span, if it has one: what follows hangs below it.
    #[must_use]
    pub fn below(mut self, span: &Span) -> Self {
        self.traceparent = span.traceparent().or(self.traceparent);
        self
    }

    fn write(&self, traceparent: Option<&str>) -> FieldTable {
        let mut table = FieldTable::default();
        if self.attempt > 1 {
            table.insert(
                headers::ATTEMPT.into(),
                AMQPValue::LongLongInt(i64::from(self.attempt)),
            );
        }
        if let Some(published) = self.first_published {
            table.insert(
                headers::FIRST_PUBLISHED.into(),
                AMQPValue::LongLongInt(published),
            );
        }
        for (name, text) in [
            (headers::REASON, self.reason.as_deref()),
            (
                headers::TRACEPARENT,
                traceparent.or(self.traceparent.as_deref()),
            ),
        ] {
            if let Some(text) = text {
                table.insert(name.into(), AMQPValue::LongString(text.into()));
            }
        }
        table
    }
}

/// A message to publish: persistent, mandatory, confirmed.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The exchange's name.
    pub exchange: String,
    /// The routing key.
    pub routing_key: String,
    /// Media type of the body.
    pub content_type: &'static str,
    /// The AMQP message-id: a job's or an event's id.
    pub message_id: String,
    /// Headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

impl Outgoing {
    /// The message that a publisher sends for an event; `body` is the event as it came.
    #[must_use]
    pub fn event(names: &Names, event: &Event, body: Vec<u8>, now: DateTime<Utc>) -> Self {
        Self {
            exchange: names.events(),
            routing_key: event.name.as_str().to_owned(),
            content_type: event::CONTENT_TYPE,
            message_id: event.id.clone(),
            headers: Headers::first(now.timestamp_millis(), event.traceparent.clone()),
            body,
        }
    }

    /// The message that is sent for a job the first time.
    ///
    /// # Errors
    /// If the job cannot be written as JSON, a fault of its type.
    pub fn job(names: &Names, job: &Job, now: DateTime<Utc>) -> serde_json::Result<Self> {
        Ok(Self {
            exchange: names.jobs(),
            routing_key: job.to.channel().as_str().to_owned(),
            content_type: job::CONTENT_TYPE,
            message_id: job.id.to_string(),
            headers: Headers::first(now.timestamp_millis(), None),
            body: serde_json::to_vec(job)?,
        })
    }

    /// Why it cannot be put onto the wire at all, if so.
    pub(crate) fn unsendable(&self) -> Option<String> {
        let names = [
            ("exchange", &self.exchange),
            ("routing key", &self.routing_key),
        ];
        let (what, name) = names.iter().find(|(_, name)| name.len() > LONGEST_NAME)?;
        Some(format!(
            "the {what} has {} bytes, and AMQP knows none of more than {LONGEST_NAME}",
            name.len()
        ))
    }

    /// The id as it travels: cut to a short string, since the id only labels.
    pub(crate) fn wire_id(&self) -> ShortString {
        self.message_id[..self.message_id.floor_char_boundary(LONGEST_NAME)].into()
    }

    /// What travels beside the body; a `traceparent` takes the place of the headers' own.
    fn properties(&self, traceparent: Option<&str>) -> BasicProperties {
        const PERSISTENT: u8 = 2;
        BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_content_type(self.content_type.into())
            .with_message_id(self.wire_id())
            .with_headers(self.headers.write(traceparent))
    }
}

/// A message on its way, and the span of its sending, if there is one.
#[derive(Clone, Copy)]
pub(crate) struct Sending<'a> {
    pub(crate) message: &'a Outgoing,
    pub(crate) span: Option<&'a Span>,
}

impl Sending<'_> {
    pub(crate) fn properties(&self) -> BasicProperties {
        let traceparent = self.span.and_then(Span::traceparent);
        self.message.properties(traceparent.as_deref())
    }
}

/// The texts among a message's headers, for CloudEvents' binary mode.
pub(crate) fn texts(properties: &BasicProperties) -> Vec<(String, String)> {
    let Some(table) = properties.headers() else {
        return Vec::new();
    };
    table
        .inner()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), text(value)?)))
        .collect()
}

fn text(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::LongString(text) => Some(String::from_utf8_lossy(text.as_bytes()).into_owned()),
        AMQPValue::ShortString(text) => Some(text.to_string()),
        _ => None,
    }
}

fn integer(value: &AMQPValue) -> Option<i64> {
    match value {
        AMQPValue::ShortShortInt(n) => Some(i64::from(*n)),
        AMQPValue::ShortShortUInt(n) => Some(i64::from(*n)),
        AMQPValue::ShortInt(n) => Some(i64::from(*n)),
        AMQPValue::ShortUInt(n) => Some(i64::from(*n)),
        AMQPValue::LongInt(n) => Some(i64::from(*n)),
        AMQPValue::LongUInt(n) => Some(i64::from(*n)),
        AMQPValue::LongLongInt(n) => Some(*n),
        _ => None,
    }
}
