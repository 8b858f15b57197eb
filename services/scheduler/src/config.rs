//! The variables of this service.

use chassis::config::ChassisConfig;
use clap::Parser;
use rules::{Policy, WithoutAccess};
use schedule::ScheduleConfig;
use store::StoreConfig;

/// Tells and does what only time makes happen: engagements, SLAs, risk acceptances, digests, clean-ups.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    after_help = "Any number of replicas may run; one acts, another takes over within 15 s of its death.\n\
    notifyctl schedule list shows the jobs. Stops cleanly on SIGTERM.\n\n\
    Example:\n  DD_SCHEDULE_TIME_ZONE=Europe/Berlin DD_DATABASE_URL_FILE=/run/secrets/database scheduler"
)]
pub struct SchedulerConfig {
    /// Broker, health, logs.
    #[command(flatten)]
    pub chassis: ChassisConfig,
    /// Database.
    #[command(flatten)]
    pub store: StoreConfig,
    /// The jobs.
    #[command(flatten)]
    pub schedule: ScheduleConfig,
    /// As the router has it: what a recipient gets who may not view the object when a digest is due
    #[arg(long, env = "DD_DIRECTED_WITHOUT_ACCESS", default_value = "redact")]
    pub directed_without_access: WithoutAccess,
}

impl SchedulerConfig {
    /// What the rules need of it.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            without_access: self.directed_without_access,
            ..Policy::default()
        }
    }
}

impl AsRef<ChassisConfig> for SchedulerConfig {
    fn as_ref(&self) -> &ChassisConfig {
        &self.chassis
    }
}
