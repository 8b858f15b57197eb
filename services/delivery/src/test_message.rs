//! A message that somebody sends to see whether it arrives: a job like any other, on the way that
//! all of them take.

use std::sync::Arc;

use chassis::broker::Outgoing;
use chrono::{DateTime, Utc};
use proto_events::job::VERSION;
use proto_events::{Job, JobId, Names, Target, ids};
use serde_json::json;
use serde_json::value::to_raw_value;
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
    let id = Uuid::new_v4().to_string();
    let event = to_raw_value(&json!({
        "specversion": "1.0", "id": id, "source": SOURCE, "type": "com.defectdojo.other", "time": now,
        "data": {
            "title": "Test message",
            "description": format!("{by} sent this to see whether it arrives. It does."),
            "icon": "bell",
            "source": "Notifications",
        }
    }))?;
    let job = Job {
        version: VERSION,
        id: ids::job(SOURCE, &id, &to),
        to,
        redacted: false,
        window: None,
        digest: None,
        event: Arc::from(event),
    };
    Ok((job.id, Outgoing::job(names, &job, now)?))
}
