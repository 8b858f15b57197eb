//! The variables of this sender.

use chassis::config::ChassisConfig;
use clap::Parser;
use delivery::DeliveryConfig;

/// Writes in-app alerts.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    after_help = "Reads the queue <prefix>.alert-writer. Stops cleanly on SIGTERM.\n\n\
    Example:\n  DD_DATABASE_URL_FILE=/run/secrets/database alert-writer"
)]
pub struct Config {
    /// Everything senders have in common.
    #[command(flatten)]
    pub delivery: DeliveryConfig,
}

impl AsRef<ChassisConfig> for Config {
    fn as_ref(&self) -> &ChassisConfig {
        &self.delivery.chassis
    }
}
