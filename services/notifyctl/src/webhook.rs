//! `notifyctl webhook`: webhook endpoints, for operators; the API keeps them too.
//!
//! | module | what it is for |
//! |---|---|
//! | `add` | a new endpoint, tried before it is stored |
//! | `list` | where endpoints stand |
//! | `history` | how one came to stand there |
//! | `switch` | activating one, and switching it off |
//! | `ping` | trying one that is there |
//! | `secret` | what requests to it are signed with |

mod add;
mod history;
mod list;
mod ping;
mod secret;
mod switch;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use delivery::endpoint::{EndpointConfig, Endpoints};
use delivery::http;
use store::StoreConfig;

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Try an endpoint with a ping, and store it if it answers without an error
    #[command(after_help = "Examples:\n  \
        notifyctl webhook add siem https://siem.example/hook\n  \
        notifyctl webhook add mei https://mei.example/hook --owner mei --header-name Authorization --header-value-file token")]
    Add(Box<add::AddArgs>),
    /// List endpoints: where they stand, what waits for them, what was given up
    #[command(after_help = "Examples:\n  \
        notifyctl webhook list\n  \
        notifyctl webhook list --status inactive_permanent --json")]
    List(list::ListArgs),
    /// Show how an endpoint came to stand where it stands, the newest step first
    #[command(after_help = "Example:\n  notifyctl webhook history 4")]
    History(history::HistoryArgs),
    /// Ping an endpoint, and activate it if it answers without an error
    #[command(after_help = "Example:\n  notifyctl webhook activate 4")]
    Activate(Box<switch::ActivateArgs>),
    /// Switch an endpoint off: no jobs are made for it until it is activated
    #[command(after_help = "Example:\n  notifyctl webhook deactivate 4")]
    Deactivate(switch::DeactivateArgs),
    /// Send a ping to an endpoint, whatever its status
    #[command(after_help = "Example:\n  notifyctl webhook ping 4")]
    Ping(Box<ping::PingArgs>),
    /// Make, replace or remove the secret that an endpoint's requests are signed with
    #[command(
        after_help = "A new secret is shown once and kept encrypted (DD_CREDENTIAL_AES_256_KEY).\n\nExamples:\n  \
        notifyctl webhook secret 4             the first one\n  \
        notifyctl webhook secret 4 --rotate    a new one; the one before signs for 24 hours more\n  \
        notifyctl webhook secret 4 --remove"
    )]
    Secret(secret::SecretArgs),
}

/// Runs a command.
///
/// # Errors
/// If the database is away, the endpoint is not there, or it does not pass.
pub(crate) async fn run(command: WebhookCommand) -> anyhow::Result<()> {
    match command {
        WebhookCommand::Add(args) => add::run(*args).await,
        WebhookCommand::List(args) => list::run(&args).await,
        WebhookCommand::History(args) => history::run(&args).await,
        WebhookCommand::Activate(args) => switch::activate(&args).await,
        WebhookCommand::Deactivate(args) => switch::deactivate(&args).await,
        WebhookCommand::Ping(args) => ping::run(&args).await,
        WebhookCommand::Secret(args) => secret::run(&args).await,
    }
}

/// What a request to an endpoint needs.
#[derive(Debug, Args)]
pub(crate) struct Sending {
    /// Address of DefectDojo, which requests name
    #[arg(long, env = "DD_SITE_URL", default_value = "http://localhost:8080")]
    site_url: String,
    /// PEM file of further certificate authorities to trust
    #[arg(long, env = "DD_EXTRA_CA_FILE")]
    extra_ca_file: Option<PathBuf>,
    #[command(flatten)]
    endpoint: EndpointConfig,
    #[command(flatten)]
    store: StoreConfig,
}

impl Sending {
    fn endpoints(&self) -> anyhow::Result<Endpoints> {
        let extra_ca = http::extra_ca(self.extra_ca_file.as_deref())?;
        Endpoints::new(&self.site_url, extra_ca.as_deref(), &self.endpoint)
    }
}
