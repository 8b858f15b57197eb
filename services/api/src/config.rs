//! The variables of this service.

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::http::HeaderName;
use chassis::config::ChassisConfig;
use clap::Parser;
use delivery::endpoint::EndpointConfig;
use delivery::guard::allowed::Networks;
use rules::PolicyConfig;
use secrecy::SecretString;
use store::StoreConfig;

/// Serves pages to people, and the same to programs: rules, settings, alerts, webhooks, events and what became of them.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    after_help = "notifyctl token create USER makes a token; /api/docs describes the API. Stops cleanly on SIGTERM.\n\n\
    Example:\n  DD_API_LISTEN=0.0.0.0:8000 DD_DATABASE_URL_FILE=/run/secrets/database api"
)]
pub struct ApiConfig {
    /// Broker, health, logs.
    #[command(flatten)]
    pub chassis: ChassisConfig,
    /// Database.
    #[command(flatten)]
    pub store: StoreConfig,
    /// Address of the API; port 0 takes a free one
    #[arg(long, env = "DD_API_LISTEN", default_value = "0.0.0.0:8000")]
    pub api_listen: SocketAddr,
    /// How large the body of a request may be (bytes)
    #[arg(long, env = "DD_API_BODY_LIMIT", default_value_t = 4 * 1024 * 1024)]
    pub api_body_limit: usize,
    /// Address of DefectDojo, which messages and requests name
    #[arg(long, env = "DD_SITE_URL", default_value = "http://localhost:8080")]
    pub site_url: String,
    /// Address under which people reach this service: lists that programs read name it, and with https://
    /// cookies go encrypted only [default: the one that a request names]
    #[arg(long, env = "DD_NOTIFY_URL")]
    pub notify_url: Option<String>,
    /// A direct connection to the database for notifications of alerts, where a pooler stands between
    /// [default: as `DD_DATABASE_URL`]
    #[arg(long, env = "DD_DATABASE_LISTEN_URL", hide_env_values = true)]
    pub database_listen_url: Option<SecretString>,
    /// Header in which an identity-aware proxy says who asks, by username [default: none]
    #[arg(long, env = "DD_AUTH_PROXY_HEADER", requires = "auth_proxy_networks")]
    pub auth_proxy_header: Option<HeaderName>,
    /// Networks of that proxy, separated by commas; from elsewhere the header says nothing
    #[arg(long, env = "DD_AUTH_PROXY_NETWORKS")]
    pub auth_proxy_networks: Option<Networks>,
    /// How long a browser stays signed in (seconds)
    #[arg(long, env = "DD_SESSION_COOKIE_AGE", default_value_t = 1_209_600, value_parser = clap::value_parser!(u32).range(60..))]
    pub session_cookie_age: u32,
    /// Whether the bell of open pages rises by itself; else with each page
    #[arg(long, env = "DD_ALERT_REFRESH", default_value = "true", action = clap::ArgAction::Set)]
    pub alert_refresh: bool,
    /// How often an open page is told that its bell is still listened to, and whoever looks is looked up
    /// again (seconds)
    #[arg(long, env = "DD_ALERT_HEARTBEAT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub alert_heartbeat: u32,
    /// Whether pages have no bell, and alerts are not counted
    #[arg(long, env = "DD_DISABLE_ALERT_COUNTER", default_value = "false", action = clap::ArgAction::Set)]
    pub disable_alert_counter: bool,
    /// Folder of templates that take the place of the built-in ones, as senders have it
    #[arg(long, env = "DD_TEMPLATE_DIR")]
    pub template_dir: Option<PathBuf>,
    /// PEM file of further certificate authorities to trust
    #[arg(long, env = "DD_EXTRA_CA_FILE")]
    pub extra_ca_file: Option<PathBuf>,
    /// How endpoints are reached that are pinged.
    #[command(flatten)]
    pub endpoint: EndpointConfig,
    /// What the installation lays down, as the router has it.
    #[command(flatten)]
    pub policy: PolicyConfig,
}

impl ApiConfig {
    /// Whether browsers reach this service encrypted, so that cookies need never go otherwise.
    pub(crate) fn is_secure(&self) -> bool {
        let url = self.notify_url.as_deref();
        url.is_some_and(|url| url.starts_with("https://"))
    }

    /// Whether bells rise by themselves.
    pub(crate) fn has_live_bells(&self) -> bool {
        self.alert_refresh && !self.disable_alert_counter
    }
}

impl AsRef<ChassisConfig> for ApiConfig {
    fn as_ref(&self) -> &ChassisConfig {
        &self.chassis
    }
}
