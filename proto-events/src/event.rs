//! An event as publishers send it: CloudEvents 1.0, structured or binary mode.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::sync::Arc;

use crate::event_name::EventName;
use crate::payload::EventData;

/// Content type of an event in structured mode.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// A CloudEvents envelope around what happened in DefectDojo.
///
/// `source` and `id` together identify the event: publishing it twice changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// CloudEvents version; `1.x` is read.
    #[schemars(regex(pattern = r"^1\.\d+$"))]
    pub specversion: String,
    /// Identifies the event within its source.
    #[schemars(length(min = 1))]
    pub id: String,
    /// The system that publishes, usually DefectDojo's address.
    #[schemars(length(min = 1))]
    pub source: String,
    /// What happened.
    #[serde(rename = "type")]
    pub name: EventName,
    /// When it happened.
    pub time: Option<DateTime<Utc>>,
    /// The object it happened to, as `<type>/<id>`.
    pub subject: Option<String>,
    /// W3C trace context of the publisher.
    pub traceparent: Option<String>,
    /// The payload.
    pub data: EventData,
}

/// Why a message cannot be read, in words for the person who looks at it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The body is not UTF-8.
    #[error("the body is not UTF-8 (first bad byte at {0}); send JSON text")]
    NotUtf8(usize),
    /// The body is not JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// A member is missing or of the wrong type.
    #[error("the member {path} is missing or wrong: {problem}")]
    Member {
        /// Dotted path below the message.
        path: String,
        /// What was expected and what was found.
        problem: String,
    },
    /// The envelope is of another CloudEvents version.
    #[error("specversion is \"{0}\"; only 1.x is read")]
    Version(String),
    /// A member that identifies the event is empty.
    #[error("the member {0} is empty; it identifies the event and must be text")]
    Empty(&'static str),
}

impl Event {
    /// Reads a structured-mode message.
    ///
    /// # Errors
    /// [`Unreadable`] says what is wrong with the body and where.
    pub fn parse(body: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(body).map_err(|e| Unreadable::NotUtf8(e.valid_up_to()))?;
        let event: Self = match serde_json::from_str(text) {
            Ok(event) => event,
            Err(error) => return Err(explain::<Self>(text, &error)),
        };
        let minor = event.specversion.strip_prefix("1.");
        if minor.is_none_or(|minor| minor.is_empty() || !minor.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(Unreadable::Version(short(&event.specversion)));
        }
        if event.id.is_empty() {
            return Err(Unreadable::Empty("id"));
        }
        if event.source.is_empty() {
            return Err(Unreadable::Empty("source"));
        }
        Ok(event)
    }

    /// Builds the structured-mode body of a binary-mode message: `attributes` are the
    /// `cloudEvents:`-headers without their prefix, `data` is the message's body
    /// (CloudEvents AMQP binding, section 3.1).
    ///
    /// # Errors
    /// [`Unreadable`] if the body is not JSON.
    pub fn structured(
        attributes: impl IntoIterator<Item = (String, String)>,
        data: &[u8],
    ) -> Result<Vec<u8>, Unreadable> {
        let data: Value =
            serde_json::from_slice(data).map_err(|e| Unreadable::NotJson(e.to_string()))?;
        let mut envelope: Map<String, Value> = attributes
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)))
            .collect();
        envelope.insert("data".to_owned(), data);
        Ok(Value::Object(envelope).to_string().into_bytes())
    }
}

/// Finds the member at fault; slower than the plain reading, hence only after it failed.
pub(crate) fn explain<'de, T: Deserialize<'de>>(
    text: &'de str,
    error: &serde_json::Error,
) -> Unreadable {
    if error.is_syntax() || error.is_eof() {
        return Unreadable::NotJson(short(&error.to_string()));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Err(located) => Unreadable::Member {
            path: short(&located.path().to_string()),
            problem: short(&located.inner().to_string()),
        },
        Ok(_) => Unreadable::NotJson(short(&error.to_string())),
    }
}

/// Words that may quote what the publisher wrote, however long it is: of long ones the
/// beginning and the end, where it stands what was expected.
pub(crate) fn short(words: &str) -> String {
    const LONGEST: usize = 300;
    if words.len() <= LONGEST {
        return words.to_owned();
    }
    let head = words.floor_char_boundary(LONGEST / 3);
    let tail = words.ceil_char_boundary(words.len() - LONGEST * 2 / 3);
    format!("{}…{}", &words[..head], &words[tail..])
}

/// The event's body as it came, shared by the jobs made of it.
///
/// # Errors
/// [`Unreadable`] if the body is not one JSON value.
pub fn raw(body: &[u8]) -> Result<Arc<RawValue>, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|e| Unreadable::NotUtf8(e.valid_up_to()))?;
    let raw: &RawValue =
        serde_json::from_str(text).map_err(|e| Unreadable::NotJson(e.to_string()))?;
    Ok(Arc::from(raw.to_owned()))
}
