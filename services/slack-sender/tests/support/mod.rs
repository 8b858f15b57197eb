//! What the tests share: a channel to any address, and a message for it.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "shared by tests that use some of it"
)]

use std::path::PathBuf;
use std::sync::Arc;

use delivery::{Channel as _, Task};
use proto_events::Outcome;
use proto_events::directory::Settings;
use secrecy::SecretString;
use serde_json::Value;
use slack_sender::Config;
use slack_sender::channel::SlackChannel;
use store::{DeliverySettings, Place, Store};

pub(crate) const TOKEN: &str = "xoxb-secret-token";

/// A sender whose Slack is at this address; the database is never asked.
pub(crate) fn slack(url: &str, trusted: Option<PathBuf>) -> SlackChannel {
    chassis::start::install_tls_provider();
    let words = ["slack-sender", "--slack-api-url", url];
    let mut config: Config = chassis::config::parse_from(words).unwrap();
    config.delivery.extra_ca_file = trusted;
    let store = Store::new(&config.delivery.store, "test").unwrap();
    SlackChannel::new(&config, &store).unwrap()
}

/// A message to the channel `#appsec` of an event with this payload.
pub(crate) fn task(data: &Value) -> Task {
    let place = Place::SlackChannel {
        channel: "#appsec".to_owned(),
    };
    Task {
        settings: Arc::new(DeliverySettings {
            settings: Settings {
                slack_username: "Dojo & Co".to_owned(),
                ..Settings::default()
            },
            slack_token: Ok(Some(SecretString::from(TOKEN))),
        }),
        ..conformance::task("other", "slack", &Value::Null, data, place)
    }
}

/// One attempt.
pub(crate) async fn deliver(channel: &SlackChannel, data: &Value) -> Outcome {
    let message = channel
        .prepare(task(data))
        .unwrap_or_else(|_| panic!("nothing to send"));
    channel.deliver(&message).await
}
