//! The variables every service reads. Each field's doc is its help text.
//!
//! | module | what it is for |
//! |---|---|
//! | `parse` | the command line, the environment and the files that it names |
//! | `broker_url` | the address of a broker |

mod broker_url;
mod parse;

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::Uri;
use clap::{Args, ValueEnum};
use proto_events::Names;

pub use broker_url::BrokerUrl;
pub(crate) use parse::matches_of;
pub use parse::{parse, parse_from};

use crate::ladder::Ladder;

/// What every service is started with.
#[derive(Clone, Debug, Args)]
pub struct ChassisConfig {
    /// The broker.
    #[command(flatten)]
    pub broker: BrokerConfig,
    /// Health and metrics.
    #[command(flatten)]
    pub http: HttpConfig,
    /// Logs.
    #[command(flatten)]
    pub log: LogConfig,
    /// Traces.
    #[command(flatten)]
    pub trace: TraceConfig,
    /// How long a stopping service may finish what it has begun (seconds).
    #[arg(long, env = "DD_SHUTDOWN_GRACE", default_value = "25", value_parser = seconds)]
    pub shutdown_grace: Duration,
}

/// Where RabbitMQ is and what our things are called there.
#[derive(Clone, Debug, Args)]
pub struct BrokerConfig {
    /// Address of RabbitMQ, with user, password and virtual host. Default: `amqp://guest:guest@127.0.0.1:5672/%2f`
    #[arg(
        long,
        env = "DD_BROKER_URL",
        default_value = "amqp://guest:guest@127.0.0.1:5672/%2f",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub broker_url: BrokerUrl,
    /// Prefix of every exchange and queue, so that installations can share a broker
    #[arg(long, env = "DD_BROKER_PREFIX", default_value = "dojo")]
    pub broker_prefix: Names,
    /// Whether to create exchanges and queues, or only to check that they are there
    #[arg(long, env = "DD_BROKER_TOPOLOGY", default_value = "apply")]
    pub broker_topology: TopologyMode,
    /// Delays of the retry ladder (seconds, ascending, separated by commas)
    #[arg(long, env = "DD_RETRY_LADDER", default_value_t)]
    pub retry_ladder: Ladder,
    /// How many unacknowledged messages a service holds at once
    #[arg(long, env = "DD_BROKER_PREFETCH", default_value = "1000", value_parser = clap::value_parser!(u16).range(1..))]
    pub broker_prefetch: u16,
}

/// How a service treats exchanges and queues at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TopologyMode {
    /// Declare what is missing.
    Apply,
    /// Declare passively: needs no configure right, fails if something is missing.
    Check,
}

/// Where health and metrics are served.
#[derive(Clone, Debug, Args)]
pub struct HttpConfig {
    /// Address of /livez, /readyz and /metrics; port 0 takes a free one
    #[arg(long, env = "DD_HTTP_LISTEN", default_value = "0.0.0.0:8080")]
    pub http_listen: SocketAddr,
}

/// How to log.
#[derive(Clone, Debug, Args)]
pub struct LogConfig {
    /// What to log: a level, or directives such as info,lapin=debug
    // lapin logs as errors what the session mends, and what is wrong then stands in our words.
    #[arg(long, env = "DD_LOG", default_value = "info,lapin=off")]
    pub log: String,
    /// How to write logs; auto is text on a terminal and JSON elsewhere
    #[arg(long, env = "DD_LOG_FORMAT", default_value = "auto")]
    pub log_format: LogFormat,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Where traces go.
#[derive(Clone, Debug, Args)]
pub struct TraceConfig {
    /// OTLP/HTTP collector that takes traces, such as http://collector:4318; none: no traces are made
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_parser = collector)]
    pub otlp_endpoint: Option<Uri>,
}

/// Reads a whole number of seconds.
///
/// # Errors
/// If the text is no such number.
pub fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .map(Duration::from_secs)
        .map_err(|_| "not a whole number of seconds".to_owned())
}

/// Reads the address of a collector.
fn collector(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|error| format!("{error}"))?;
    match uri.scheme_str() {
        Some("http" | "https") => Ok(uri),
        _ => Err("not an http or https address".to_owned()),
    }
}
