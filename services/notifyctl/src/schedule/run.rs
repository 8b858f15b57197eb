//! One job, for real or only to the eye.

use anyhow::Context as _;
use chassis::Runtime;
use chassis::broker::{Publisher, Session};
use chassis::config::BrokerConfig;
use chrono::{DateTime, Utc};
use clap::Args;
use proto_events::payload::EventData;
use schedule::notice::What;
use schedule::{Job, Notice, Rehearsal, Report, Runner, ScheduleConfig, Telling};
use store::{Store, StoreConfig};

use crate::screen::{Screen, printable};

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The job; notifyctl schedule list names them
    job: Job,
    /// The time as at which it is run (RFC 3339); now, unless told otherwise
    #[arg(long, value_parser = moment, requires = "dry_run")]
    at: Option<DateTime<Utc>>,
    /// Show what would be sent and how many rows would go, and do neither
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: print the messages as they would be published, one a line
    #[arg(long, requires = "dry_run")]
    json: bool,
    #[command(flatten)]
    schedule: ScheduleConfig,
    #[command(flatten)]
    store: StoreConfig,
    #[command(flatten)]
    broker: BrokerConfig,
}

/// Runs or rehearses a job.
///
/// # Errors
/// If the database or the broker is away.
pub(super) async fn run(args: &RunArgs) -> anyhow::Result<()> {
    let runner = Runner {
        store: Store::new(&args.store, "notifyctl")?,
        config: args.schedule.clone(),
    };
    let now = args.at.unwrap_or_else(Utc::now);
    let due = runner.at_will(args.job, now).await?;
    let screen = Screen::new();
    if !args.dry_run {
        // A broker that is away is said at once, instead of waited for.
        Session::open(&args.broker, "notifyctl")
            .await?
            .close()
            .await;
        let runtime = Runtime::new("notifyctl")?;
        let publisher = Publisher::outside(&args.broker, &runtime);
        let mut telling = Telling {
            store: &runner.store,
            publisher: &publisher,
            names: &args.broker.broker_prefix,
            now,
        };
        let report = runner.work(due, now, &mut telling).await?;
        publisher.close().await;
        return screen.say(&summary(&report, args.job, "told", "cleaned up"));
    }
    let mut rehearsal = Rehearsal {
        store: &runner.store,
        notices: Vec::new(),
    };
    let report = runner.work(due, now, &mut rehearsal).await?;
    for notice in &rehearsal.notices {
        let line = if args.json {
            notice.body()?.to_string()
        } else {
            printable(&line(notice))
        };
        screen.say(&line)?;
    }
    if args.json {
        return Ok(());
    }
    screen.say(&summary(
        &report,
        args.job,
        "would be told",
        "would be cleaned up",
    ))
}

/// One notice: who would hear of it, what it says, its id.
fn line(notice: &Notice) -> String {
    match &notice.what {
        What::Event(event) => {
            let EventData { title, .. } = &event.data;
            format!(
                "{} to {}: {title} [{}]",
                event.name,
                audience(&event.data),
                notice.id
            )
        }
        What::Change { kind, .. } => {
            format!("DefectDojo is asked to change the {kind} [{}]", notice.id)
        }
    }
}

fn audience(data: &EventData) -> String {
    match (&data.recipients, &data.product) {
        (Some(names), _) => {
            let names: Vec<String> = names.iter().flatten().map(ToString::to_string).collect();
            names.join(", ")
        }
        (None, Some(product)) => format!("all who may see the product {}", product.name),
        (None, None) => "superusers".to_owned(),
    }
}

fn summary(report: &Report, job: Job, told: &str, cleaned: &str) -> String {
    let mut parts = vec![format!("{} {told}", counted(report.told))];
    if report.known > 0 {
        parts.push(format!("{} told before", counted(report.known)));
    }
    for (why, number) in &report.skipped {
        parts.push(format!("{number} passed over ({why})"));
    }
    for (table, rows) in report.cleaned.iter().filter(|(_, rows)| **rows > 0) {
        parts.push(format!("{rows} rows of {table} {cleaned}"));
    }
    format!("{job}: {}.", parts.join(", "))
}

fn counted(notices: u64) -> String {
    match notices {
        1 => "1 notice".to_owned(),
        _ => format!("{notices} notices"),
    }
}

fn moment(text: &str) -> anyhow::Result<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text)
        .context("write an RFC 3339 time, such as 2026-12-24T08:00:00Z")?;
    Ok(time.to_utc())
}
