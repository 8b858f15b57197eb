//! The variables of the router.

use chassis::config::ChassisConfig;
use clap::builder::BoolishValueParser;
use clap::{ArgAction, Parser};
use rules::PolicyConfig;
use secrecy::SecretString;
use store::StoreConfig;

/// Decides who is told of an event and publishes one job per delivery.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    // Two times what is in work at once: what was finished then waits for what was begun earlier,
    // such as an unreadable event that is being filed, and the broker still has something to give.
    mut_arg("broker_prefetch", |prefetch| prefetch.default_value("2000")),
    after_help = "Reads the queue <prefix>.event-router. Stops cleanly on SIGTERM.\n\n\
    Example:\n  DD_BROKER_URL=amqp://dojo:secret@rabbitmq/%2f DD_DATABASE_URL_FILE=/run/secrets/database event-router"
)]
pub struct RouterConfig {
    /// Broker, health, logs.
    #[command(flatten)]
    pub chassis: ChassisConfig,
    /// Database.
    #[command(flatten)]
    pub store: StoreConfig,
    /// A direct connection to the database, where a pooler that passes on no notifications stands
    /// between: changes of the directory then come into force at once instead of within a
    /// quarter of a second. Default: DD_DATABASE_URL
    #[arg(long, env = "DD_DATABASE_LISTEN_URL", hide_env_values = true)]
    pub database_listen_url: Option<SecretString>,
    /// What the installation lays down.
    #[command(flatten)]
    pub policy: PolicyConfig,
    /// How large a message may be (bytes); a larger one is kept in the dead letters
    #[arg(long, env = "DD_MESSAGE_SIZE_LIMIT", default_value_t = 4 * 1024 * 1024)]
    pub message_size_limit: usize,
    /// Whether to record each event with what was decided; without it an event is routed
    /// faster, but nobody can look up afterwards who was told of it and why
    #[arg(long, env = "DD_RECORD_EVENTS", default_value = "true", action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub record_events: bool,
}

impl AsRef<ChassisConfig> for RouterConfig {
    fn as_ref(&self) -> &ChassisConfig {
        &self.chassis
    }
}
