//! The variables of this service.

use chassis::config::ChassisConfig;
use clap::Parser;
use store::StoreConfig;

/// Keeps users, products, memberships, engagements and findings in step with DefectDojo.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    after_help = "Reads the queue <prefix>.directory-sync. Stops cleanly on SIGTERM.\n\n\
    Example:\n  DD_BROKER_URL=amqp://dojo:secret@rabbitmq/%2f DD_DATABASE_URL_FILE=/run/secrets/database directory-sync"
)]
pub struct SyncConfig {
    /// Broker, health, logs.
    #[command(flatten)]
    pub chassis: ChassisConfig,
    /// Database.
    #[command(flatten)]
    pub store: StoreConfig,
    /// How large a message may be (bytes); a larger one is kept in the dead letters
    #[arg(long, env = "DD_MESSAGE_SIZE_LIMIT", default_value_t = 4 * 1024 * 1024)]
    pub message_size_limit: usize,
}

impl AsRef<ChassisConfig> for SyncConfig {
    fn as_ref(&self) -> &ChassisConfig {
        &self.chassis
    }
}
