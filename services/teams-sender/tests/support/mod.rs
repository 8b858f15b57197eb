//! What the tests share: a channel, and a card for any address.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "shared by tests that use some of it"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use delivery::{Channel as _, Task};
use proto_events::directory::Settings;
use proto_events::{Job, Outcome};
use secrecy::SecretString;
use serde_json::{Value, json};
use store::{DeliverySettings, Place, Store};
use teams_sender::Config;
use teams_sender::channel::TeamsChannel;

/// A sender; the database is never asked.
pub(crate) fn teams(trusted: Option<PathBuf>) -> TeamsChannel {
    chassis::start::install_tls_provider();
    let mut config: Config = chassis::config::parse_from(["teams-sender"]).unwrap();
    config.delivery.extra_ca_file = trusted;
    let store = Store::new(&config.delivery.store, "test").unwrap();
    TeamsChannel::new(&config, &store).unwrap()
}

/// A card for an address, of an event with this payload.
pub(crate) fn task(url: &str, data: &Value, recipient: &Value) -> Task {
    let event =
        json!({"specversion": "1.0", "id": "1", "source": "test", "type": "other", "data": data});
    let to = json!({"channel": "msteams", "destination": 1, "recipient": recipient});
    let id = "6fa459ea-ee8a-3ca4-894e-db77e160355e";
    let job = json!({"version": 1, "id": id, "to": to, "event": event});
    let job = Job::parse(job.to_string().as_bytes()).unwrap();
    Task {
        event: job.event().unwrap(),
        job,
        place: Place::Teams {
            url: SecretString::from(url),
        },
        settings: Arc::new(DeliverySettings {
            settings: Settings::default(),
            slack_token: Ok(None),
        }),
        wait: Duration::ZERO,
    }
}

/// One attempt at an address.
pub(crate) async fn deliver(channel: &TeamsChannel, url: &str, data: &Value) -> Outcome {
    let card = channel
        .prepare(task(url, data, &Value::Null))
        .unwrap_or_else(|_| panic!("nothing to send"));
    channel.deliver(&card).await
}
