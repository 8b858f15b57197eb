//! The variables of this sender.

use chassis::config::ChassisConfig;
use clap::Parser;
use delivery::DeliveryConfig;
use delivery::endpoint::EndpointConfig;

/// Delivers notifications to HTTP endpoints.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    after_help = "Reads the queue <prefix>.webhook-sender. Stops cleanly on SIGTERM.\n\n\
    Example:\n  DD_SITE_URL=https://defectdojo.example.com webhook-sender"
)]
pub struct Config {
    /// Everything senders have in common.
    #[command(flatten)]
    pub delivery: DeliveryConfig,
    /// How endpoints are reached.
    #[command(flatten)]
    pub endpoint: EndpointConfig,
}

impl AsRef<ChassisConfig> for Config {
    fn as_ref(&self) -> &ChassisConfig {
        &self.delivery.chassis
    }
}
