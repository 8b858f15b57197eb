//! What the tests share: a channel, and a card for any address.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "shared by tests that use some of it"
)]

use std::path::PathBuf;

use delivery::{Channel as _, Task};
use proto_events::Outcome;
use secrecy::SecretString;
use serde_json::Value;
use store::{Place, Store};
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
    let place = Place::Teams {
        url: SecretString::from(url),
    };
    conformance::task("other", "msteams", recipient, data, place)
}

/// One attempt at an address.
pub(crate) async fn deliver(channel: &TeamsChannel, url: &str, data: &Value) -> Outcome {
    let card = channel
        .prepare(task(url, data, &Value::Null))
        .unwrap_or_else(|_| panic!("nothing to send"));
    channel.deliver(&card).await
}
