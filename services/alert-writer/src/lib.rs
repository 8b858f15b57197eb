//! Delivers `alert`: rows in the alert list, many recipients a job, written in groups.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of this sender |
//! | [`channel`] | one attempt |
//!
//! Everything around an attempt is the crate `delivery`.

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
    delivery::run(Service::AlertWriter, &config.delivery, runtime, |store| {
        channel::AlertChannel::new(config, store)
    })
    .await
}
