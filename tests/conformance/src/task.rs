//! A claimed job, as a sender's loop hands it to its channel.

use std::sync::Arc;
use std::time::Duration;

use delivery::Task;
use proto_events::Job;
use proto_events::directory::Settings;
use serde_json::{Value, json};
use store::{DeliverySettings, Place};

/// The id of every job made here.
pub const JOB: &str = "6fa459ea-ee8a-3ca4-894e-db77e160355e";

/// A task of an event of this name and payload, to one of the system's destinations of a
/// channel or to a `recipient`.
#[must_use]
pub fn task(event: &str, channel: &str, recipient: &Value, data: &Value, place: Place) -> Task {
    let event =
        json!({"specversion": "1.0", "id": "1", "source": "test", "type": event, "data": data});
    let to = json!({"channel": channel, "destination": 1, "recipient": recipient});
    let job = json!({"version": 1, "id": JOB, "to": to, "event": event});
    let job = Job::parse(job.to_string().as_bytes()).unwrap();
    Task {
        event: job.event().unwrap(),
        job,
        place,
        settings: Arc::new(DeliverySettings {
            settings: Settings::default(),
            slack_token: Ok(None),
        }),
        wait: Duration::ZERO,
    }
}
