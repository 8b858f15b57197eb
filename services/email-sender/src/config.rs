//! The variables of this sender.

use chassis::config::ChassisConfig;
use clap::Parser;
use delivery::DeliveryConfig;

/// Delivers notifications by e-mail.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    after_help = "Reads the queue <prefix>.email-sender. Stops cleanly on SIGTERM.\n\n\
    Example:\n  DD_EMAIL_URL=smtp+tls://user:password@mail.example.com:587 email-sender"
)]
pub struct Config {
    /// Everything senders have in common.
    #[command(flatten)]
    pub delivery: DeliveryConfig,
    /// Where mail goes: smtp://, smtp+tls:// (STARTTLS), smtp+ssl:// (implicit TLS), smtps:// (STARTTLS; implicit on port 465), consolemail:// (only logged)
    #[arg(
        long,
        env = "DD_EMAIL_URL",
        default_value = "smtp://localhost:25",
        hide_env_values = true
    )]
    pub email_url: relay::EmailUrl,
    /// How many mails are sent at once, each over a connection of its own
    #[arg(long, env = "DD_EMAIL_CONNECTIONS", default_value = "16", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub email_connections: u32,
}

impl AsRef<ChassisConfig> for Config {
    fn as_ref(&self) -> &ChassisConfig {
        &self.delivery.chassis
    }
}
