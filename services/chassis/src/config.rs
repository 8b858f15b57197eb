//! The variables every service reads. Each field's doc is its help text.

use std::error::Error;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::Uri;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Args, Parser, ValueEnum};
use lapin::uri::AMQPUri;
use proto_events::Names;
use secrecy::{ExposeSecret, SecretString};

use crate::ladder::Ladder;

/// Reads the command line and the environment. For every variable `X` also `X_FILE` is
/// read: the path of a file that holds the value, as Docker and Kubernetes mount secrets.
///
/// # Errors
/// As [`parse_from`].
pub fn parse<C: Parser>() -> anyhow::Result<C> {
    parse_from(std::env::args_os())
}

/// [`parse`] with another command line; its first word is the program's name.
///
/// # Errors
/// If a named file cannot be read, or a value cannot be used: in one line that names the
/// variable, the value unless it is secret, and what is allowed. clap itself prints help
/// and usage errors and exits.
pub fn parse_from<C: Parser>(
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> anyhow::Result<C> {
    let matches = matches_of(C::command(), words)?;
    C::from_arg_matches(&matches).map_err(|error| error.exit())
}

/// What the words and the environment say to a command.
///
/// # Errors
/// As [`parse_from`].
pub(crate) fn matches_of(
    command: clap::Command,
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> anyhow::Result<ArgMatches> {
    let mut command = with_files(command)?;
    // Arguments of subcommands can be named only once they are built.
    command.build();
    command
        .try_get_matches_from_mut(words)
        .map_err(|error| unusable(&command, &error).unwrap_or_else(|| error.exit()))
}

/// What clap says of a value, without the value where it is secret; none if the error is
/// about no value.
fn unusable(command: &clap::Command, error: &clap::Error) -> Option<anyhow::Error> {
    if !matches!(
        error.kind(),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue
    ) {
        return None;
    }
    let flag = error.get(ContextKind::InvalidArg)?.to_string();
    let arg = arg_of(command, &flag);
    let name = arg
        .and_then(|arg| arg.get_env()?.to_str().map(str::to_owned))
        .unwrap_or(flag);
    let mut line = format!("{name} is not usable");
    // What is hidden in the help is hidden here too.
    if arg.is_some_and(|arg| !arg.is_hide_env_values_set())
        && let Some(value) = error.get(ContextKind::InvalidValue)
    {
        line += &format!(": {:?}", value.to_string());
    }
    if let Some(why) = error.source() {
        line += &format!(": {why}");
    }
    if let Some(ContextValue::Strings(allowed)) = error.get(ContextKind::ValidValue)
        && !allowed.is_empty()
    {
        line += &format!("; allowed are {}", allowed.join(", "));
    }
    if let Some(help) = arg.and_then(clap::Arg::get_help) {
        line += &format!(" ({help})");
    }
    Some(anyhow::Error::msg(line))
}

/// The argument that is written like this in usage, of the command or one below it.
fn arg_of<'a>(command: &'a clap::Command, flag: &str) -> Option<&'a clap::Arg> {
    command
        .get_arguments()
        .find(|arg| arg.to_string() == flag)
        .or_else(|| {
            command
                .get_subcommands()
                .find_map(|below| arg_of(below, flag))
        })
}

/// The command whose arguments take their defaults from files where those are named.
fn with_files(mut command: clap::Command) -> anyhow::Result<clap::Command> {
    let values: Vec<(clap::Id, String)> = command
        .get_arguments()
        .filter_map(|arg| {
            Some(
                value_from_file(arg)
                    .transpose()?
                    .map(|value| (arg.get_id().clone(), value)),
            )
        })
        .collect::<anyhow::Result<_>>()?;
    for (id, value) in values {
        command = command.mut_arg(id, |arg| arg.default_value(value).hide_default_value(true));
    }
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in names {
        let mut result = Ok(());
        command = command.mut_subcommand(name, |sub| match with_files(sub) {
            Ok(sub) => sub,
            Err(error) => {
                result = Err(error);
                clap::Command::default()
            }
        });
        result?;
    }
    Ok(command)
}

/// What the file holds that the variable `<X>_FILE` names; none without such a variable.
fn value_from_file(arg: &clap::Arg) -> anyhow::Result<Option<String>> {
    let Some(variable) = arg.get_env().and_then(|name| name.to_str()) else {
        return Ok(None);
    };
    let Some(path) = std::env::var_os(format!("{variable}_FILE")) else {
        return Ok(None);
    };
    if std::env::var_os(variable).is_some() {
        anyhow::bail!("both {variable} and {variable}_FILE are set; set one of them");
    }
    let path = PathBuf::from(path);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        anyhow::anyhow!(
            "{variable}_FILE names {}, which cannot be read: {error}",
            path.display()
        )
    })?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

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
    /// Address of RabbitMQ, with user, password and virtual host [default: amqp://guest:guest@127.0.0.1:5672/%2f]
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

/// The address of a broker. Never shows its password.
#[derive(Clone)]
pub struct BrokerUrl {
    url: SecretString,
    shown: String,
    vhost: String,
}

impl BrokerUrl {
    /// The virtual host.
    #[must_use]
    pub fn vhost(&self) -> &str {
        &self.vhost
    }

    /// The parsed address, with a heartbeat of 6 s unless it names another: when either
    /// side is gone without a word, we notice within 15 s and RabbitMQ within 18 s. Frames
    /// are limited, since lapin sets aside room for 32 of the largest size.
    pub(crate) fn uri(&self) -> Result<AMQPUri, String> {
        let mut uri: AMQPUri = self.url.expose_secret().parse()?;
        uri.query.heartbeat.get_or_insert(6);
        uri.query.frame_max.get_or_insert(128 * 1024);
        Ok(uri)
    }
}

/// For handing the address to another process.
impl ExposeSecret<str> for BrokerUrl {
    fn expose_secret(&self) -> &str {
        self.url.expose_secret()
    }
}

impl FromStr for BrokerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The parser's own words may repeat the whole address.
        let uri: AMQPUri = text.parse().map_err(|_| {
            "not an AMQP address; the form is amqp[s]://user:password@host:port/vhost".to_owned()
        })?;
        let shown = format!(
            "{}://{}:{}/{}",
            uri.scheme, uri.authority.host, uri.authority.port, uri.vhost
        );
        Ok(Self {
            url: text.into(),
            shown,
            vhost: uri.vhost,
        })
    }
}

impl std::fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

impl std::fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
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
