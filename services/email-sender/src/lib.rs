//! Delivers `mail`: one message per address, through SMTP.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of this sender |
//! | [`channel`] | one attempt |
//! | [`address`] | addresses as people entered them |
//! | [`headers`] | what a mail says to mail programs: threads, lists, unsubscribing |
//! | [`mod@relay`] | the connections to the relay |
//! | [`answer`] | what the receiver meant |
//!
//! Everything around an attempt is the crate `delivery`.

pub mod address;
pub mod answer;
pub mod channel;
pub mod config;
pub mod headers;
pub mod relay;

use chassis::Runtime;
use proto_events::Service;

pub use config::Config;

/// Runs the sender until the service is to stop.
///
/// # Errors
/// If the configuration cannot be used, or the sender broke down.
pub async fn run(config: &Config, runtime: Runtime) -> anyhow::Result<()> {
    let mut delivery = config.delivery.clone();
    // An attempt that waits for a connection would use up its time doing so.
    delivery.attempt_slots = delivery.attempt_slots.min(config.email_connections);
    delivery::run(Service::EmailSender, &delivery, runtime, |store| {
        channel::EmailChannel::new(config, store)
    })
    .await
}
