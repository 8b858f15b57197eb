//! The variables of this sender.

use chassis::config::ChassisConfig;
use clap::Parser;
use delivery::DeliveryConfig;

/// Delivers notifications to Slack.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    after_help = "Reads the queue <prefix>.slack-sender. Stops cleanly on SIGTERM.\n\n\
    Example:\n  DD_DATABASE_URL_FILE=/run/secrets/database slack-sender"
)]
pub struct Config {
    /// Everything senders have in common.
    #[command(flatten)]
    pub delivery: DeliveryConfig,
    /// Address of the Slack API
    #[arg(
        long,
        env = "DD_SLACK_API_URL",
        default_value = "https://slack.com/api"
    )]
    pub slack_api_url: String,
    /// Whether messages about an engagement stand in one thread in each channel
    #[arg(long, env = "DD_SLACK_THREADS", default_value = "false", action = clap::ArgAction::Set)]
    pub slack_threads: bool,
}

impl AsRef<ChassisConfig> for Config {
    fn as_ref(&self) -> &ChassisConfig {
        &self.delivery.chassis
    }
}
