//! Delivers `msteams`: cards to the system's Teams channels, through Workflows or old connectors.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of this sender |
//! | [`channel`] | one attempt |
//! | [`address`] | what an address tells by its form |
//! | [`answer`] | what the receiver meant |
//!
//! Everything around an attempt is the crate `delivery`.

pub mod address;
pub mod answer;
pub mod channel;
pub mod config;

use chassis::Runtime;
use proto_events::Service;

pub use config::Config;

/// Runs the sender until the service is to stop.
///
/// # Errors
/// If the configuration cannot be used, or the sender broke down.
pub async fn run(config: &Config, runtime: Runtime) -> anyhow::Result<()> {
    delivery::run(Service::TeamsSender, &config.delivery, runtime, |store| {
        channel::TeamsChannel::new(config, store)
    })
    .await
}
