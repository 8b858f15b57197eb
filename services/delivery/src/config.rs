//! The variables every sender reads.

use std::path::PathBuf;
use std::time::Duration;

use chassis::config::{ChassisConfig, seconds};
use clap::Args;
use messages::Sensitivity;
use store::StoreConfig;

use crate::http;

/// What a sender is started with.
#[derive(Clone, Debug, Args)]
pub struct DeliveryConfig {
    /// Broker, health, logs.
    #[command(flatten)]
    pub chassis: ChassisConfig,
    /// Database.
    #[command(flatten)]
    pub store: StoreConfig,
    /// Address of DefectDojo, which links in messages lead to
    #[arg(long, env = "DD_SITE_URL", default_value = "http://localhost:8080")]
    pub site_url: String,
    /// Address of the pages where people choose what reaches them [default: DefectDojo's]
    #[arg(long, env = "DD_NOTIFY_URL")]
    pub notify_url: Option<String>,
    /// Folder of templates that take the place of the built-in ones
    #[arg(long, env = "DD_TEMPLATE_DIR")]
    pub template_dir: Option<PathBuf>,
    /// How much this channel tells: full, or link_only (what kind of thing happened, where, and a link)
    #[arg(long, env = "DD_SENSITIVITY", default_value_t)]
    pub sensitivity: Sensitivity,
    /// PEM file of further certificate authorities to trust
    #[arg(long, env = "DD_EXTRA_CA_FILE")]
    pub extra_ca_file: Option<PathBuf>,
    /// How many attempts are under way at once
    #[arg(long, env = "DD_ATTEMPT_SLOTS", default_value = "256", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub attempt_slots: u32,
    /// How many attempts a second are made at one destination, by all replicas together; 0 is as
    /// many as there are [default: Slack 1, Teams 4, the others 0]
    #[arg(long, env = "DD_DESTINATION_RATE")]
    pub destination_rate: Option<u32>,
    /// How long one attempt may take (seconds)
    #[arg(long, env = "DD_ATTEMPT_TIMEOUT", default_value = "60", value_parser = seconds)]
    pub attempt_timeout: Duration,
}

impl DeliveryConfig {
    /// The PEM text of the further certificate authorities.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn extra_ca(&self) -> anyhow::Result<Option<Vec<u8>>> {
        http::extra_ca(self.extra_ca_file.as_deref())
    }
}
