//! `notifyctl deliveries`: what became of events.
//!
//! | module | what it is for |
//! |---|---|
//! | `list` | the last deliveries |
//! | `show` | the whole story of an event or a job |

mod list;
mod show;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum DeliveriesCommand {
    /// List deliveries, the newest first
    #[command(
        after_help = "Alerts have no deliveries: each is its own entry.\n\nExamples:\n  \
        notifyctl deliveries list --since 15m --state retrying\n  \
        notifyctl deliveries list --channel slack --json"
    )]
    List(list::ListArgs),
    /// Tell the whole story of an event, or of one job: what was decided, what was tried, what came of it, what waits
    #[command(after_help = "Examples:\n  \
        notifyctl deliveries show 3f6c2a1e-8f1b-4a66-9f5e-0a4f5c1f2d3b\n  \
        notifyctl deliveries show scan-4711 --json")]
    Show(show::ShowArgs),
}

/// Runs a command.
///
/// # Errors
/// If the database is away, or nothing is known of what is asked for.
pub(crate) async fn run(command: DeliveriesCommand) -> anyhow::Result<()> {
    match command {
        DeliveriesCommand::List(args) => list::run(&args).await,
        DeliveriesCommand::Show(args) => show::run(&args).await,
    }
}
