//! The commands and their help.

use std::fmt::Display;
use std::str::FromStr;

use chassis::config::BrokerConfig;
use chrono::{DateTime, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Subcommand};
use proto_events::{JobId, Reason, Service};
use store::StoreConfig;

use super::id::Prefix;
use crate::moment;

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLettersCommand {
    /// List letters that wait, the newest first
    #[command(after_help = "Examples:\n  \
        notifyctl dead-letters list --since 2h\n  \
        notifyctl dead-letters list --service webhook-sender --reason endpoint_gone\n  \
        notifyctl dead-letters list --json | jq -r .id")]
    List(ListArgs),
    /// Show everything that is known of a letter
    #[command(after_help = "Examples:\n  \
        notifyctl dead-letters show 1a2b3c4d\n  \
        notifyctl dead-letters show 1a2b3c4d --body > body.json")]
    Show(ShowArgs),
    /// Send letters again, the oldest first
    #[command(
        after_help = "A job is sent under its own id, so that sending it twice delivers it once. One that has arrived \
        meanwhile is sent only if you agree, under a new id (<id>.r1), since ledger and receivers would drop a copy.\n\n\
        Examples:\n  \
        notifyctl dead-letters replay 1a2b3c4d\n  \
        notifyctl dead-letters replay --service webhook-sender --since 3d --dry-run\n  \
        notifyctl dead-letters replay --all --rate 10"
    )]
    Replay(ReplayArgs),
    /// Mark letters as not needed any more; they stay in the table
    #[command(after_help = "Examples:\n  \
        notifyctl dead-letters discard 1a2b3c4d\n  \
        notifyctl dead-letters discard --reason unreadable --until 30d --yes")]
    Discard(DiscardArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(super) filters: Filters,
    /// Letters that somebody has dealt with, instead of those that wait
    #[arg(long, conflicts_with = "all")]
    pub(super) resolved: bool,
    /// Letters that somebody has dealt with, too
    #[arg(long)]
    pub(super) all: bool,
    /// How many are shown at most [default: 50; all with --json]
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
    /// Only how many there are, by service and reason
    #[arg(long)]
    pub(super) summary: bool,
    /// One JSON object a line, with everything but the body
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The letter, by its id or the beginning of it
    pub(super) id: Prefix,
    /// Only the body, byte for byte
    #[arg(long)]
    pub(super) body: bool,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Letters a second
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) rate: u32,
    /// Say what would be published, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not ask; what has arrived meanwhile is then refused, unless --again
    #[arg(long)]
    pub(super) yes: bool,
    /// Send what has arrived meanwhile again, under a new id
    #[arg(long)]
    pub(super) again: bool,
    #[command(flatten)]
    pub(super) store: StoreConfig,
    #[command(flatten)]
    pub(super) broker: BrokerConfig,
}

#[derive(Debug, Args)]
pub(crate) struct DiscardArgs {
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Say which would be discarded, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not ask; needed where there is no terminal to ask on
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

/// Letters by id, or those that agree with filters: never all by accident.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("letters")
    .required(true)
    .multiple(true)
    .args(["ids", "service", "reason", "since", "until", "event", "job", "all"]))]
pub(crate) struct Selection {
    /// Letters, by their ids or the beginnings of them; resolved ones too
    #[arg(value_name = "ID", conflicts_with_all = ["Filters", "all"])]
    pub(super) ids: Vec<Prefix>,
    #[command(flatten)]
    pub(super) filters: Filters,
    /// Every letter that waits
    #[arg(long, conflicts_with = "Filters")]
    pub(super) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// Letters that this service gave up
    #[arg(long, value_parser = words(Service::ALL), hide_possible_values = true)]
    pub(super) service: Option<Service>,
    /// Letters that were given up for this reason
    #[arg(long, value_parser = words(Reason::ALL.iter().copied()), hide_possible_values = true)]
    pub(super) reason: Option<Reason>,
    /// Filed then or later: an RFC 3339 time, or how long ago, such as 45m, 2h or 3d
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub(super) since: Option<DateTime<Utc>>,
    /// Filed then or earlier
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub(super) until: Option<DateTime<Utc>>,
    /// Letters of this event
    #[arg(long, value_name = "ID")]
    pub(super) event: Option<String>,
    /// Letters of this job; without .rN, of its replays too
    #[arg(long, value_name = "ID")]
    pub(super) job: Option<JobId>,
}

/// Reads one of these words, and names them all when it cannot.
fn words<T>(all: impl IntoIterator<Item = T>) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::error::Error + Send + Sync> + Display + Clone + Send + Sync + 'static,
{
    let words = all.into_iter().map(|word| word.to_string());
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}
