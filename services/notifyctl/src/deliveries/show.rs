//! The whole story of an event or a job.

use anyhow::bail;
use clap::Args;
use proto_events::JobId;
use serde_json::{Value, json};
use store::browse::{ListedDelivery, ParkedJob};
use store::{
    Decision, Delivery, JobFilter, Kind, LetterFilter, LetterHead, Order, Store, StoreConfig,
};

use super::list::object;
use crate::attempts;
use crate::screen::{Screen, printable, time};

/// How many jobs of one event are told of.
const MOST: u32 = 200;

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// An event's id, or a job's
    id: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreConfig,
}

/// All that is known.
struct Story {
    decisions: Vec<Decision>,
    deliveries: Vec<(Delivery, Vec<ListedDelivery>)>,
    waiting: Vec<ParkedJob>,
    letters: Vec<LetterHead>,
}

/// Tells it.
///
/// # Errors
/// If nothing is known of the id, or the database is away.
pub(super) async fn run(args: &ShowArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let mut story = read(&store, Some(&args.id), None).await?;
    if story.is_empty()
        && let Ok(job) = args.id.parse()
    {
        story = read(&store, None, Some(job)).await?;
    }
    if story.is_empty() {
        bail!(
            "nothing is known of \"{}\": no event and no job has this id, or it was removed with its time; \
             notifyctl deliveries list shows what there is",
            printable(&args.id)
        );
    }
    let screen = Screen::new();
    if args.json {
        return screen.say(&story.object().to_string());
    }
    story.tell(&screen)
}

async fn read(store: &Store, event: Option<&str>, job: Option<JobId>) -> anyhow::Result<Story> {
    let filter = JobFilter {
        event: event.map(str::to_owned),
        job,
        ..JobFilter::default()
    };
    let found = store.deliveries(&filter, MOST).await?;
    let letters = LetterFilter {
        kind: Kind::Any,
        event: event.map(str::to_owned),
        job,
        ..LetterFilter::default()
    };
    let letters = store
        .letters(&letters, Order::OldestFirst, None, MOST)
        .await?;
    let jobs: Vec<JobId> = job
        .into_iter()
        .chain(found.iter().map(|it| it.job))
        .collect();
    let waiting = store.waiting_jobs(&jobs, event).await?;
    let id = event.or_else(|| found.first().map(|delivery| delivery.event_id.as_str()));
    let decisions = match id {
        Some(id) => store.decisions(id).await?,
        None => Vec::new(),
    };
    let mut deliveries = Vec::with_capacity(found.len());
    for delivery in found {
        let mut made = store.attempts(delivery.job).await?;
        made.retain(|attempt| attempt.job == delivery.job);
        deliveries.push((delivery, made));
    }
    Ok(Story {
        decisions,
        deliveries,
        waiting,
        letters,
    })
}

impl Story {
    const fn is_empty(&self) -> bool {
        self.decisions.is_empty()
            && self.deliveries.is_empty()
            && self.waiting.is_empty()
            && self.letters.is_empty()
    }

    fn tell(&self, screen: &Screen) -> anyhow::Result<()> {
        for decision in &self.decisions {
            let (id, source) = (printable(&decision.id), printable(&decision.source));
            screen.title(&format!("{} {id} of {source}", printable(&decision.name)))?;
            screen.say(&format!("taken      {} UTC", time(decision.received_at)))?;
            screen.say(&format!("decided    {} UTC", time(decision.decided_at)))?;
            if decision.directory_behind {
                screen.say(
                    "directory  did not know what it is about; decided with what it says itself",
                )?;
            }
            screen.say(&format!(
                "jobs       {}, alerts {}",
                decision.jobs, decision.alerts
            ))?;
            for (name, value) in [("told", &decision.decisions), ("notes", &decision.notes)] {
                screen.say(&format!("{name:10} {}", printable(&value.to_string())))?;
            }
        }
        for (delivery, made) in &self.deliveries {
            let to = delivery.recipient.as_deref().unwrap_or("the system");
            screen.title(&format!(
                "{} to {}: {} (job {})",
                delivery.channel,
                printable(to),
                delivery.state,
                delivery.job
            ))?;
            screen.say(&attempts::table(screen, made))?;
        }
        if !self.waiting.is_empty() {
            screen.title("Waiting in line")?;
        }
        for job in &self.waiting {
            screen.say(&format!(
                "{} job {}: since {} UTC, {} before it, looked at next {} UTC",
                job.service,
                job.job,
                time(job.parked_at),
                job.before,
                time(job.due)
            ))?;
        }
        if !self.letters.is_empty() {
            screen.title("Dead letters")?;
        }
        for letter in &self.letters {
            let detail = printable(&letter.detail);
            screen.say(&format!(
                "{} {} {}: {detail}",
                letter.id, letter.service, letter.reason
            ))?;
        }
        Ok(())
    }

    fn object(&self) -> Value {
        let decisions = self.decisions.iter().map(|it| {
            json!({
                "source": it.source, "id": it.id, "name": it.name, "received_at": it.received_at,
                "decided_at": it.decided_at, "directory_behind": it.directory_behind, "jobs": it.jobs,
                "alerts": it.alerts, "decisions": it.decisions, "notes": it.notes,
            })
        });
        let deliveries = self.deliveries.iter().map(|(delivery, made)| {
            let mut object = object(delivery);
            object["attempts"] = made.iter().map(attempts::object).collect();
            object
        });
        let waiting = self.waiting.iter().map(|it| {
            json!({ "job": it.job, "service": it.service.as_str(), "parked_at": it.parked_at, "due": it.due,
                "before": it.before })
        });
        let letters = self.letters.iter().map(|it| {
            json!({ "id": it.id, "service": it.service.as_str(), "job": it.job, "reason": it.reason.as_str(),
                "detail": it.detail, "created_at": it.created_at })
        });
        json!({
            "events": decisions.collect::<Vec<_>>(),
            "deliveries": deliveries.collect::<Vec<_>>(),
            "waiting": waiting.collect::<Vec<_>>(),
            "dead_letters": letters.collect::<Vec<_>>(),
        })
    }
}
