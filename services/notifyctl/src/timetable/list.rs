//! Timetables as people read them.

use std::collections::BTreeMap;

use proto_events::directory::{Cadence, Snapshot, Timetable, Whose};
use serde_json::json;
use store::Store;

use super::args::ListArgs;
use crate::people::user;
use crate::screen::{Screen, printable};

/// Lists timetables.
///
/// # Errors
/// If the database is away, or nobody is called so.
pub(super) async fn run(args: &ListArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let directory = store.load_directory().await?;
    let only = match &args.user {
        Some(name) => Some(Whose::User(user(&directory, name)?.id)),
        None => None,
    };
    let screen = Screen::new();
    for row in &directory.timetables {
        let (whose, timetable) = &row.row;
        if only.is_some_and(|only| only != *whose) {
            continue;
        }
        let line = if args.json {
            json!({
                "whose": whose, "name": name(&directory, *whose), "time_zone": timetable.time_zone.name(),
                "daily_at": timetable.daily_at, "digests": timetable.cadences, "quiet_hours": timetable.quiet,
            })
            .to_string()
        } else {
            line(&directory, *whose, timetable)
        };
        screen.say(&line)?;
    }
    Ok(())
}

/// One timetable: whose it is, its digests, its quiet hours.
pub(super) fn line(directory: &Snapshot, whose: Whose, timetable: &Timetable) -> String {
    let mut columns: BTreeMap<Cadence, Vec<&str>> = BTreeMap::new();
    for (column, cadence) in &timetable.cadences {
        columns.entry(*cadence).or_default().push(column.as_str());
    }
    let mut parts = Vec::new();
    for (cadence, columns) in columns {
        let at = match cadence {
            Cadence::Hourly => String::new(),
            Cadence::Daily => format!(" at {}", timetable.daily_at.format("%H:%M")),
        };
        parts.push(format!("{cadence}{at}: {}", columns.join(", ")));
    }
    if let Some(quiet) = timetable.quiet {
        let (from, to) = (quiet.from.format("%H:%M"), quiet.to.format("%H:%M"));
        let but = quiet
            .breaks_through
            .map(|least| format!(", but {least} or worse breaks through"));
        parts.push(format!("quiet {from}-{to}{}", but.unwrap_or_default()));
    }
    if parts.is_empty() {
        parts.push("everything at once".to_owned());
    }
    let name = name(directory, whose);
    let zone = timetable.time_zone;
    printable(&format!("{name} ({zone}): {}", parts.join("; ")))
}

fn name(directory: &Snapshot, whose: Whose) -> String {
    match whose {
        Whose::User(id) => {
            let mut users = directory.users.iter();
            let user = users.find(|user| user.id == id);
            user.map_or_else(|| format!("user {id}"), |user| user.username.clone())
        }
        Whose::Destination(id) => {
            let mut named = directory.filtered.iter();
            let named = named.find(|filtered| filtered.destination.id == id);
            let mut own = directory.destinations.iter();
            let own = own.find(|destination| destination.id == id);
            let own = own.map(|it| format!("the system's {} destination {id}", it.channel));
            named
                .map(|it| format!("destination {}", it.name))
                .or(own)
                .unwrap_or_else(|| format!("destination {id}, which is gone"))
        }
    }
}
