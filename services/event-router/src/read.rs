//! From a message to an event.

use std::borrow::Cow;
use std::sync::Arc;

use chassis::broker::Incoming;
use proto_events::{Event, Unreadable, event, headers};
use serde_json::value::RawValue;

/// An event, and its text as it travels on.
pub(crate) struct Read {
    pub(crate) event: Event,
    pub(crate) raw: Arc<RawValue>,
}

/// Reads an event in structured or binary mode.
pub(crate) fn read(message: &Incoming) -> Result<Read, Unreadable> {
    let body = structured(message)?;
    Ok(Read {
        event: Event::parse(&body)?,
        raw: event::raw(&body)?,
    })
}

/// In binary mode the attributes are headers, and the body is only `data`.
fn structured(message: &Incoming) -> Result<Cow<'_, [u8]>, Unreadable> {
    let texts = message.texts.iter();
    let attributes = headers::attributes(texts.map(|(name, text)| (name.as_str(), text.as_str())));
    if attributes.is_empty() {
        return Ok(Cow::Borrowed(&message.body));
    }
    Event::structured(attributes, &message.body).map(Cow::Owned)
}
