//! `notifyctl timetable`: digests and quiet hours of anybody; people choose their own on a page.
//!
//! | module | what it is for |
//! |---|---|
//! | `args` | the commands and their help |
//! | `whose` | whose timetable is meant, by names |
//! | `list` | timetables as people read them |

mod args;
mod list;
mod whose;

use std::collections::BTreeMap;

use anyhow::{bail, ensure};
use chrono::NaiveTime;
use chrono_tz::Tz;
use proto_events::directory::{Cadence, QuietHours, Snapshot, Timetable, Whose};
use store::Store;

pub(crate) use args::TimetableCommand;
use args::{Quiet, RemoveArgs, SetArgs};

use crate::or_none::OrNone;
use crate::screen::Screen;

/// When the daily message comes unless somebody says otherwise.
const MORNING: Option<NaiveTime> = NaiveTime::from_hms_opt(8, 0, 0);

/// Runs a command.
///
/// # Errors
/// If the database is away, nobody and nothing is called so, or what is given makes no timetable.
pub(crate) async fn run(command: TimetableCommand) -> anyhow::Result<()> {
    match command {
        TimetableCommand::Set(args) => set(&args).await,
        TimetableCommand::List(args) => list::run(&args).await,
        TimetableCommand::Remove(args) => remove(&args).await,
    }
}

async fn set(args: &SetArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let directory = store.load_directory().await?;
    let screen = Screen::new();
    for whose in args.whose.all(&directory)? {
        let is_person = matches!(whose, Whose::User(_));
        ensure!(
            is_person || args.quiet.is_none(),
            "quiet hours are a person's; a destination can have digests"
        );
        let timetable = changed(args, found(&directory, whose))?;
        store.put_timetable(whose, &timetable).await?;
        screen.say(&list::line(&directory, whose, &timetable))?;
    }
    Ok(())
}

async fn remove(args: &RemoveArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let directory = store.load_directory().await?;
    let mut removed = false;
    for whose in args.whose.all(&directory)? {
        removed |= store.remove_timetable(whose).await?;
    }
    ensure!(
        removed,
        "there is no such timetable: everything is told at once"
    );
    Screen::new().say(
        "Removed; what comes from now on is told at once. What is held back comes when it is due.",
    )
}

fn found(directory: &Snapshot, whose: Whose) -> Option<&Timetable> {
    let mut all = directory.timetables.iter().map(|row| &row.row);
    all.find(|(other, _)| *other == whose)
        .map(|(_, timetable)| timetable)
}

/// A timetable after the change; a new one tells everything at once but for what is given.
fn changed(args: &SetArgs, before: Option<&Timetable>) -> anyhow::Result<Timetable> {
    let mut timetable = before.cloned().unwrap_or(Timetable {
        time_zone: Tz::UTC,
        daily_at: MORNING.unwrap_or_default(),
        cadences: BTreeMap::new(),
        quiet: None,
    });
    timetable.time_zone = args.time_zone.unwrap_or(timetable.time_zone);
    timetable.daily_at = args.at.unwrap_or(timetable.daily_at);
    if let Some(events) = &args.at_once {
        for column in events.every() {
            timetable.cadences.remove(&column);
        }
    }
    let digests = [
        (&args.hourly, Cadence::Hourly),
        (&args.daily, Cadence::Daily),
    ];
    for (events, cadence) in digests {
        for column in events.iter().flat_map(|events| events.that_can_wait()) {
            timetable.cadences.insert(column, cadence);
        }
    }
    match args.quiet {
        Some(Quiet::None) => timetable.quiet = None,
        Some(Quiet::Hours { from, to }) => {
            let breaks_through = timetable.quiet.and_then(|quiet| quiet.breaks_through);
            timetable.quiet = Some(QuietHours {
                from,
                to,
                breaks_through,
            });
        }
        None => {}
    }
    if let Some(OrNone(least)) = args.breaks_through {
        let Some(quiet) = &mut timetable.quiet else {
            bail!("there are no quiet hours to break through: give --quiet, e.g. 22:00-07:00");
        };
        quiet.breaks_through = least;
    }
    Ok(timetable)
}
