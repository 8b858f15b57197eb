//! `notifyctl schedule`: what the scheduler does when, and what it would do.
//!
//! | module | what it is for |
//! |---|---|
//! | `list` | the jobs: when they ran, when they are due |
//! | `run` | one job, now or as at another time, for real or only to the eye |

mod list;
mod run;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Show the jobs: their schedules, when they last ran, when they are due next
    #[command(
        after_help = "Give it the scheduler's variables (DD_SCHEDULE_…), or it shows the defaults.\n\n\
        Example:\n  DD_SCHEDULE_TIME_ZONE=Europe/Berlin notifyctl schedule list"
    )]
    List(Box<list::ListArgs>),
    /// Run a job at once, whatever its schedule says; what was told before is not told again
    #[command(after_help = "Examples:\n  \
        notifyctl schedule run sla --dry-run\n  \
        notifyctl schedule run stale-engagement --at 2026-12-24T08:00:00Z --dry-run\n  \
        notifyctl schedule run retention --dry-run")]
    Run(Box<run::RunArgs>),
}

/// Runs a command.
///
/// # Errors
/// If the database or the broker is away.
pub(crate) async fn run(command: ScheduleCommand) -> anyhow::Result<()> {
    match command {
        ScheduleCommand::List(args) => list::run(&args).await,
        ScheduleCommand::Run(args) => run::run(&args).await,
    }
}
