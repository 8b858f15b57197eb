//! The commands and their help.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use chassis::config::{BrokerConfig, LogConfig, LogFormat};
use chassis::{config, start, telemetry};
use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use crate::dead_letters::{self, DeadLettersCommand};
use crate::deliveries::{self, DeliveriesCommand};
use crate::destinations::{self, DestinationsCommand};
use crate::doctor::{self, DoctorArgs};
use crate::explain::{self, ExplainArgs};
use crate::hold::{self, PauseArgs, ResumeArgs};
use crate::import::ImportCommand;
use crate::migrate::MigrateArgs;
use crate::publish::Goods;
use crate::rekey::{self, RekeyArgs};
use crate::rules::{self, RulesCommand};
use crate::schedule::{self, ScheduleCommand};
use crate::status::{self, StatusArgs};
use crate::tail::{self, TailArgs};
use crate::test_send::{self, TestSendArgs};
use crate::timetable::{self, TimetableCommand};
use crate::token::{self, TokenCommand};
use crate::topology::{self, TopologyCommand};
use crate::webhook::{self, WebhookCommand};
use crate::{completions, demo, import, migrate, publish};

/// The operator's tool of Dojo Notify.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage.\n\nExamples:\n  \
    notifyctl status --watch\n  \
    notifyctl migrate\n  \
    notifyctl events publish event.json\n  \
    notifyctl import defectdojo --url https://dojo.example --dry-run\n  \
    notifyctl dead-letters list --since 2h\n  \
    notifyctl explain event.json --user mei"
)]
struct Cli {
    /// What to log: a level, or directives such as info,lapin=debug
    #[arg(long, global = true, env = "DD_LOG", default_value = "warn,lapin=off")]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what waits, who works, what stands still and what was given up, on one screen
    #[command(
        after_help = "Reads queues and tables, and changes nothing. Exit code 1 if one of them could not be looked at.\n\n\
        Examples:\n  notifyctl status --watch\n  notifyctl status --json | jq '.services[] | select(.readers == 0)'"
    )]
    Status(StatusArgs),
    /// Bring the database's schema up to date
    #[command(
        after_help = "Safe to run again, and while services run: they wait for the schema they need.\n\n\
        Example:\n  notifyctl migrate --roles"
    )]
    Migrate(MigrateArgs),
    /// Create, check, remove or print exchanges, queues and rights
    #[command(subcommand)]
    Topology(TopologyCommand),
    /// Work with events
    #[command(subcommand)]
    Events(EventsCommand),
    /// Work with the directory: users, products, memberships, findings
    #[command(subcommand)]
    Directory(DirectoryCommand),
    /// Take over what another system holds
    #[command(subcommand)]
    Import(ImportCommand),
    /// Look at what was given up, send it again or discard it
    #[command(subcommand)]
    DeadLetters(DeadLettersCommand),
    /// Check every connection, right, version, clock and certificate, and say what is wrong and what to do
    #[command(
        after_help = "Give it the variables of the services. Sends no message and changes nothing. Exit code 1 if something is wrong.\n\n\
        Examples:\n  notifyctl doctor\n  notifyctl doctor --json | jq -r 'select(.verdict == \"wrong\").remedy'"
    )]
    Doctor(Box<DoctorArgs>),
    /// Follow deliveries: what was decided, tried, answered, and what waits
    #[command(subcommand)]
    Deliveries(DeliveriesCommand),
    /// Hold a channel: nothing is sent through it, jobs wait in lines and nothing is lost
    #[command(
        after_help = "Holds over all replicas and restarts, until notifyctl resume. What waits longer than 48 hours is given up \
        as ever, into the dead letters.\n\nExample:\n  notifyctl pause slack --note \"workspace moves tonight\""
    )]
    Pause(PauseArgs),
    /// End a channel's hold
    #[command(after_help = "Example:\n  notifyctl resume slack")]
    Resume(ResumeArgs),
    /// Send a test message through queue and sender to one destination, and wait for what comes of it
    #[command(
        after_help = "Exit code 1 unless it was delivered or accepted.\n\nExamples:\n  \
        notifyctl test-send slack\n  \
        notifyctl test-send mail --user mei\n  \
        notifyctl test-send webhooks --destination 12 --wait 10"
    )]
    TestSend(Box<TestSendArgs>),
    /// Encrypt every secret in the database with the newest key
    #[command(
        after_help = "First give every service DD_CREDENTIAL_AES_256_KEY=NEW,OLD; then run this; then OLD can go. It can be cut \
        off and run again at any time.\n\nExample:\n  DD_CREDENTIAL_AES_256_KEY=$NEW,$OLD notifyctl rekey"
    )]
    Rekey(RekeyArgs),
    /// Say who would be told of an event, through which channels, and why
    #[command(
        after_help = "Reads the database and changes nothing.\n\nExamples:\n  \
        notifyctl explain event.json --user mei\n  \
        notifyctl explain event.json --json | jq '.receivers[].user'"
    )]
    Explain(ExplainArgs),
    /// Keep what goes beyond DefectDojo's rules: mutes, minimum severities, rules of groups and for product types
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Keep digests and quiet hours: when people and destinations want to hear of what they are told
    #[command(subcommand)]
    Timetable(TimetableCommand),
    /// Keep Slack channels, Teams workflows, mail addresses and webhook endpoints with filters, so that a product's news goes to its team
    #[command(subcommand)]
    Destinations(DestinationsCommand),
    /// Add webhook endpoints, try them, and keep the secrets that their requests are signed with
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Make, list and revoke tokens of the API
    #[command(subcommand)]
    Token(TokenCommand),
    /// Show what the scheduler does when, and run a job by hand
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  notifyctl completions bash > /etc/bash_completion.d/notifyctl"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Show the whole way of events, from publishing to the receivers, on this machine
    Demo(demo::DemoOptions),
}

#[derive(Debug, Subcommand)]
enum EventsCommand {
    /// Publish events with confirms: each is either taken, or you know that it is not
    #[command(
        after_help = "A file holds one CloudEvents JSON object a line, or one object; - is standard input.\n\n\
        Example:\n  notifyctl events publish tests/fixtures/events.jsonl"
    )]
    Publish {
        /// Files of events
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Where to
        #[command(flatten)]
        broker: BrokerConfig,
    },
    /// Show events as they are published, until Ctrl-C; takes none from anybody
    #[command(
        after_help = "Examples:\n  notifyctl events tail\n  notifyctl events tail scan_added sla_breach --json | jq .data.title"
    )]
    Tail(TailArgs),
}

#[derive(Debug, Subcommand)]
enum DirectoryCommand {
    /// Publish changes with confirms: each is either taken, or you know that it is not
    #[command(
        after_help = "A file holds one change a line, or one change; - is standard input.\n\n\
        Example:\n  notifyctl directory publish tests/fixtures/directory-changes.jsonl"
    )]
    Publish {
        /// Files of changes
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Where to
        #[command(flatten)]
        broker: BrokerConfig,
    },
}

/// Runs the tool.
#[must_use]
pub fn main() -> ExitCode {
    let failed = |code, error: anyhow::Error| {
        eprintln!("notifyctl: {error:#}");
        ExitCode::from(code)
    };
    match config::parse() {
        Ok(cli) => run(cli).map_or_else(|error| failed(1, error), |()| ExitCode::SUCCESS),
        Err(error) => failed(2, error),
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    start::install_tls_provider();
    telemetry::start(&LogConfig {
        log: cli.log,
        log_format: LogFormat::Auto,
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the async runtime")?;
    runtime.block_on(async move {
        match cli.command {
            Command::Status(args) => status::run(&args).await,
            Command::Doctor(args) => Box::pin(doctor::run(&args)).await,
            Command::Deliveries(command) => deliveries::run(command).await,
            Command::Pause(args) => hold::pause(&args).await,
            Command::Resume(args) => hold::resume(&args).await,
            Command::TestSend(args) => test_send::run(&args).await,
            Command::Rekey(args) => rekey::run(&args).await,
            Command::Completions { shell } => completions::run(Cli::command(), shell),
            Command::Migrate(args) => migrate::run(&args).await,
            Command::Topology(command) => topology::run(command).await,
            Command::Events(EventsCommand::Publish { files, broker }) => {
                publish::run(Goods::Events, &files, &broker).await
            }
            Command::Events(EventsCommand::Tail(args)) => tail::run(&args).await,
            Command::Directory(DirectoryCommand::Publish { files, broker }) => {
                publish::run(Goods::DirectoryChanges, &files, &broker).await
            }
            Command::Import(command) => import::run(&command).await,
            Command::DeadLetters(command) => dead_letters::run(command).await,
            Command::Demo(options) => demo::run(options).await,
            Command::Explain(args) => explain::run(args).await,
            Command::Rules(command) => rules::run(command).await,
            Command::Timetable(command) => timetable::run(command).await,
            Command::Destinations(command) => destinations::run(command).await,
            Command::Webhook(command) => webhook::run(command).await,
            Command::Token(command) => token::run(command).await,
            Command::Schedule(command) => schedule::run(command).await,
        }
    })
}
