//! Delivers `slack`: to the system's channel, or to a person directly.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of this sender |
//! | [`channel`] | one attempt |
//! | [`person`] | under which id a person is written to |
//! | [`answer`] | what the receiver meant |
//!
//! Everything around an attempt is the crate `delivery`.

pub mod answer;
pub mod channel;
pub mod config;
pub mod person;

use chassis::Runtime;
use proto_events::Service;

pub use config::Config;

/// Runs the sender until the service is to stop.
///
/// # Errors
/// If the configuration cannot be used, or the sender broke down.
pub async fn run(config: &Config, runtime: Runtime) -> anyhow::Result<()> {
    delivery::run(Service::SlackSender, &config.delivery, runtime, |store| {
        channel::SlackChannel::new(config, store)
    })
    .await
}
