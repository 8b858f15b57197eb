//! The commands and their help.

use std::str::FromStr;

use chrono::NaiveTime;
use chrono_tz::Tz;
use clap::{ArgGroup, Args, Subcommand};
use proto_events::event_name::UnknownColumn;
use proto_events::{Channel, Column, Severity};
use store::StoreConfig;

use crate::or_none::OrNone;

#[derive(Debug, Subcommand)]
pub(crate) enum TimetableCommand {
    /// Choose hourly or daily digests, and quiet hours; what is not given stays as it is
    #[command(
        after_help = "Events are names of rule columns, separated by commas, or the word all: all but user_mentioned,\n\
        review_requested and code_review, for which somebody waits; name these if they can wait, too.\n\
        Alerts and webhooks are always told at once.\n\nExamples:\n  \
        notifyctl timetable set --user mei --daily all --at 08:00 --time-zone Europe/Berlin\n  \
        notifyctl timetable set --user mei --hourly scan_added,test_added --at-once sla_breach\n  \
        notifyctl timetable set --user mei --quiet 22:00-07:00 --breaks-through Critical\n  \
        notifyctl timetable set --destination payments --daily all --time-zone Europe/Berlin\n  \
        notifyctl timetable set --system slack --hourly scan_added"
    )]
    Set(Box<SetArgs>),
    /// List timetables
    #[command(after_help = "Example:\n  notifyctl timetable list --user mei")]
    List(ListArgs),
    /// Remove a timetable, so that everything is told at once
    #[command(after_help = "Example:\n  notifyctl timetable remove --user mei")]
    Remove(RemoveArgs),
}

/// Whose timetable.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whose").required(true).args(["user", "destination", "system"]))]
pub(crate) struct WhoseArgs {
    /// Of this user's mails and Slack messages, by username
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<String>,
    /// Of this destination with a filter, by name
    #[arg(long, value_name = "NAME")]
    pub(super) destination: Option<String>,
    /// Of the system's own destinations on a channel: mail, slack, msteams
    #[arg(long, value_name = "CHANNEL")]
    pub(super) system: Option<Channel>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true)
    .args(["hourly", "daily", "at_once", "at", "time_zone", "quiet", "breaks_through"]))]
pub(crate) struct SetArgs {
    #[command(flatten)]
    pub(super) whose: WhoseArgs,
    /// Events that come in one message at each full hour
    #[arg(long, value_name = "EVENTS")]
    pub(super) hourly: Option<Events>,
    /// Events that come in one message a day
    #[arg(long, value_name = "EVENTS")]
    pub(super) daily: Option<Events>,
    /// Events that come at once again
    #[arg(long, value_name = "EVENTS")]
    pub(super) at_once: Option<Events>,
    /// When the daily message comes, local time [default of a new timetable: 08:00]
    #[arg(long, value_name = "HH:MM", value_parser = time)]
    pub(super) at: Option<NaiveTime>,
    /// The time zone, e.g. Europe/Berlin [default of a new timetable: UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub(super) time_zone: Option<Tz>,
    /// When the person is left alone, local time, e.g. 22:00-07:00; none ends that
    #[arg(long, value_name = "FROM-TO")]
    pub(super) quiet: Option<Quiet>,
    /// Findings of this severity or worse come in quiet hours all the same: Info, Low, Medium, High, Critical; none
    #[arg(long, value_name = "SEVERITY")]
    pub(super) breaks_through: Option<OrNone<Severity>>,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only this user's
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    #[command(flatten)]
    pub(super) whose: WhoseArgs,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

/// Events as they are written: names of columns separated by commas, or the word all.
#[derive(Clone, Debug)]
pub(crate) enum Events {
    All,
    These(Vec<Column>),
}

impl Events {
    /// Those that are named, or every one.
    pub(super) fn every(&self) -> Vec<Column> {
        match self {
            Self::All => Column::ALL.to_vec(),
            Self::These(columns) => columns.clone(),
        }
    }

    /// Those that are named, or every one for which nobody waits.
    pub(super) fn that_can_wait(&self) -> Vec<Column> {
        let waited_for = |column: &Column| {
            use Column::{CodeReview, ReviewRequested, UserMentioned};
            matches!(column, UserMentioned | ReviewRequested | CodeReview)
        };
        let mut columns = self.every();
        if matches!(self, Self::All) {
            columns.retain(|column| !waited_for(column));
        }
        columns
    }
}

impl FromStr for Events {
    type Err = UnknownColumn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::All);
        }
        let columns = text.split(',').map(str::parse);
        columns.collect::<Result<_, _>>().map(Self::These)
    }
}

/// Quiet hours as they are written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Quiet {
    Hours { from: NaiveTime, to: NaiveTime },
    None,
}

impl FromStr for Quiet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Self::None);
        }
        let (from, to) = text
            .split_once('-')
            .ok_or("write two times, e.g. 22:00-07:00, or none")?;
        let (from, to) = (time(from)?, time(to)?);
        if from == to {
            return Err("they begin when they end: there is nothing between".to_owned());
        }
        Ok(Self::Hours { from, to })
    }
}

fn time(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M")
        .map_err(|_| format!("\"{text}\" is no time; write hours and minutes, e.g. 08:00"))
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| {
        format!("\"{text}\" is no time zone; write a name of the IANA database, e.g. Europe/Berlin")
    })
}
