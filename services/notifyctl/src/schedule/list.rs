//! The jobs: when they ran, when they are due.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use clap::Args;
use schedule::{Job, ScheduleConfig};
use serde_json::json;
use store::scheduling::progress::JobProgress;
use store::{Store, StoreConfig};

use crate::screen::{Screen, printable};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    schedule: ScheduleConfig,
    #[command(flatten)]
    store: StoreConfig,
}

/// Lists the jobs.
///
/// # Errors
/// If the database is away.
pub(super) async fn run(args: &ListArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let progress = store.job_progress().await?.into_iter();
    let progress: HashMap<String, JobProgress> =
        progress.map(|job| (job.job.clone(), job)).collect();
    let zone = args.schedule.schedule_time_zone;
    let now = Utc::now();
    let screen = Screen::new();
    let schedule = format!("schedule ({zone})");
    let titles = ["job", &schedule, "last run (UTC)", "due next (UTC)", "note"];
    let mut table = screen.table(titles);
    for job in Job::ALL {
        let known = progress.get(job.as_str());
        let timing = args.schedule.timing(job);
        let ran = known.and_then(|known| known.ran_at);
        let next = timing.next(zone, now);
        let error = known.and_then(|known| known.error.as_deref());
        if args.json {
            let object = json!({ "job": job.as_str(), "schedule": timing.to_string(), "time_zone": zone.name(),
                "ran_at": ran, "dealt_with_through": known.map(|known| known.through), "next": next, "error": error });
            screen.say(&object.to_string())?;
        } else {
            let note =
                error.map_or_else(String::new, |error| format!("failed: {}", printable(error)));
            table.add_row([
                job.to_string(),
                timing.to_string(),
                ran.map_or_else(|| "never".to_owned(), minute),
                next.map_or_else(|| "never".to_owned(), minute),
                note,
            ]);
        }
    }
    if args.json {
        return Ok(());
    }
    screen.say(&table.to_string())
}

fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}
