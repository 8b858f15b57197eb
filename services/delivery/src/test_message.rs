//! A message that somebody sends to see whether it arrives: a job like any other, on the way that
//! all of them take.

use std::sync::Arc;

use chassis::broker::Outgoing;
use chrono::{DateTime, Utc};
use proto_events::job::VERSION;
use proto_events::{Job, JobId, Names, Target, ids};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use uuid::Uuid;

/// The source of the event that a test message tells of.
const SOURCE: &str = "dojo-notify/test-send";

/// The message for a place, sent by somebody.
///
/// # Errors
/// If it cannot be written as JSON, a fault of its type.
pub fn test_message(
    names: &Names,
    to: Target,
    by: &str,
    now: DateTime<Utc>,
) -> serde_json::Result<(JobId, Outgoing)> {
    let event = json!({
        "specversion": "1.0", "type": "com.defectdojo.other", "time": now,
        "data": {
            "title": "Test message",
            "description": format!("{by} sent this to see whether it arrives. It does."),
            "icon": "bell",
            "source": "Notifications",
        }
    });
    job(names, to, event, now)
}

/// The message that a place would get of an event, with a title that says that it is a test. It is
/// an event of its own: nothing that is known of the other one keeps it from being sent.
///
/// # Errors
/// As [`test_message`].
pub fn test_of_event(
    names: &Names,
    to: Target,
    mut event: Value,
    now: DateTime<Utc>,
) -> serde_json::Result<(JobId, Outgoing)> {
    if let Some(Value::String(title)) = event.pointer_mut("/data/title") {
        title.insert_str(0, "Test: ");
    }
    job(names, to, event, now)
}

fn job(
    names: &Names,
    to: Target,
    mut event: Value,
    now: DateTime<Utc>,
) -> serde_json::Result<(JobId, Outgoing)> {
    let id = Uuid::new_v4().to_string();
    if let Value::Object(members) = &mut event {
        members.insert("id".to_owned(), id.clone().into());
        members.insert("source".to_owned(), SOURCE.into());
    }
    let job = Job {
        version: VERSION,
        id: ids::job(SOURCE, &id, &to),
        to,
        redacted: false,
        window: None,
        digest: None,
        event: Arc::from(to_raw_value(&event)?),
    };
    Ok((job.id, Outgoing::job(names, &job, now)?))
}
