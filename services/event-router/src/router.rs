//! The loop: take, decide, publish, record, acknowledge.

use std::sync::Arc;

use anyhow::Context;
use chassis::Runtime;
use chassis::broker::{Consumer, Headers, Incoming, Outgoing, Published, Publisher};
use chassis::health::Part;
use chassis::ladder::{GIVE_UP_AFTER, Ladder};
use chassis::metrics::counters;
use chassis::reconnect::until_ok;
use chrono::{DateTime, Utc};
use prometheus::IntCounterVec;
use proto_events::{Names, Reason, Service, Unreadable, event, job};
use rules::{Directory, Facts, Policy, decide};
use serde_json::value::RawValue;
use store::{DeadLetter, EventRecord, Store};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::RouterConfig;
use crate::directory::Current;
use crate::jobs::{self, Plan};
use crate::read::{Read, read};

/// How many events are decided together at most.
const CHUNK: usize = 64;

/// How many chunks are in work at once: while one waits for confirms, another is decided.
const IN_WORK: usize = 4;

/// How often an event waits for a directory that lags behind before it is decided all the same.
const WAITS: u32 = 2;

struct Router {
    names: Names,
    ladder: Ladder,
    policy: Policy,
    store: Store,
    database: Part,
    directory: Current,
    publisher: Publisher,
    events: IntCounterVec,
}

/// What is to be done for a chunk.
#[derive(Default)]
struct Work {
    jobs: Vec<Outgoing>,
    /// The events with jobs, in the order of `jobs`.
    routed: Vec<Routed>,
    waiting: Vec<Outgoing>,
    records: Vec<EventRecord>,
    dead: Vec<DeadLetter>,
}

/// An event whose jobs are being published.
struct Routed {
    /// Its message's place in the chunk.
    message: usize,
    /// Its structured text, whichever mode it came in.
    raw: Arc<RawValue>,
    /// How many jobs it has.
    jobs: usize,
}

/// Runs the router until the service is to stop.
///
/// # Errors
/// If the configuration cannot be used, or the router broke down.
pub async fn run(config: &RouterConfig, runtime: Runtime) -> anyhow::Result<()> {
    let events = counters(
        &runtime.metrics.registry,
        "events_total",
        "Events taken, by what became of them.",
        &["result"],
    )?;
    for result in ["routed", "waiting", "dead"] {
        events.with_label_values(&[result]).inc_by(0);
    }
    let database = runtime.health.part("database");
    let store = Store::new(&config.store, Service::EventRouter.as_str())?;
    if until_ok(&database, &runtime.stop, || store.ready())
        .await
        .is_none()
    {
        return Ok(());
    }
    let broker = &config.chassis.broker;
    let mut consumer = Consumer::new(broker, Service::EventRouter, &runtime);
    let router = Arc::new(Router {
        names: broker.broker_prefix.clone(),
        ladder: broker.retry_ladder.clone(),
        policy: config.policy(),
        directory: Current::keep(
            store.clone(),
            runtime.health.part("directory"),
            runtime.stop.clone(),
        ),
        store,
        database,
        publisher: Publisher::start(broker, &runtime),
        events,
    });
    let in_work = Arc::new(Semaphore::new(IN_WORK));
    let chunks = TaskTracker::new();
    loop {
        let place = Arc::clone(&in_work)
            .acquire_owned()
            .await
            .context("the router's own limit is gone")?;
        let Some(chunk) = consumer.chunk(CHUNK).await else {
            break;
        };
        let router = Arc::clone(&router);
        chunks.spawn(async move {
            router.route(chunk).await;
            drop(place);
        });
    }
    chunks.close();
    chunks.wait().await;
    if let Some(router) = Arc::into_inner(router) {
        router.publisher.close().await;
    }
    consumer.close().await;
    Ok(())
}

impl Router {
    /// Routes a chunk. Whatever ends early leaves its messages unacknowledged: the broker
    /// delivers them again, and ids made of the event keep that harmless.
    async fn route(&self, chunk: Vec<Incoming>) {
        let Some(directory) = self.directory.fresh().await else {
            return;
        };
        let mut work = Work::default();
        for (index, message) in chunk.iter().enumerate() {
            match read(message) {
                Ok(read) => self.add(index, message, &read, &directory, &mut work),
                Err(problem) => self.reject(message, &problem, &mut work),
            }
        }
        let (published, ()) = tokio::join!(
            self.publisher.publish(&work.jobs),
            self.write(&work.records, &work.dead)
        );
        let result = match published {
            Ok(results) => {
                self.find_unroutable(&chunk, &results, &mut work);
                self.publish_waiting(&mut work).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            tracing::error!(%error, "a chunk of events was not published");
            return;
        }
        for message in chunk {
            message.ack.ack();
        }
    }

    fn add(
        &self,
        index: usize,
        message: &Incoming,
        read: &Read,
        directory: &Directory,
        work: &mut Work,
    ) {
        let Read { event, raw } = read;
        let facts = Facts::from(event);
        let behind = directory.is_behind(&facts);
        if behind && message.headers.attempt <= WAITS {
            tracing::info!(
                event.id = event.id,
                event.name = event.name.as_str(),
                attempt = message.headers.attempt,
                "the product or product type is not known yet; the event waits"
            );
            work.waiting.push(self.wait(message, raw));
            return;
        }
        let decisions = decide(directory, &self.policy, &facts);
        let plan = jobs::plan(event, raw, directory, &decisions);
        tracing::debug!(
            event.id = event.id,
            event.name = event.name.as_str(),
            jobs = plan.jobs.len(),
            "decided"
        );
        if !plan.notes.unknown_recipients.is_empty() {
            tracing::warn!(
                event.id = event.id,
                event.name = event.name.as_str(),
                unknown_recipients = plan.notes.unknown_recipients.join(", "),
                "the event names recipients that nobody is; the others are told"
            );
        }
        let now = Utc::now();
        let headers = Headers::first(
            now.timestamp_millis(),
            event
                .traceparent
                .clone()
                .or_else(|| message.headers.traceparent.clone()),
        );
        let before = work.jobs.len();
        for job in &plan.jobs {
            match serde_json::to_vec(job) {
                Ok(body) => work.jobs.push(Outgoing {
                    exchange: self.names.jobs(),
                    routing_key: job.to.channel().as_str().to_owned(),
                    content_type: job::CONTENT_TYPE,
                    message_id: job.id.to_string(),
                    headers: headers.clone(),
                    body,
                }),
                Err(error) => tracing::error!(%error, job.id = %job.id, "a job cannot be written"),
            }
        }
        work.routed.push(Routed {
            message: index,
            raw: Arc::clone(raw),
            jobs: work.jobs.len() - before,
        });
        work.records
            .push(record(read, directory, behind, now, &plan));
        self.events.with_label_values(&["routed"]).inc();
    }

    fn reject(&self, message: &Incoming, problem: &Unreadable, work: &mut Work) {
        tracing::warn!(reason = Reason::Unreadable.as_str(), detail = %problem, "a message is no event; see the dead letters");
        self.events.with_label_values(&["dead"]).inc();
        work.dead.push(dead_letter(
            message,
            Reason::Unreadable,
            problem.to_string(),
        ));
    }

    /// An event whose jobs came back without a queue waits on the ladder and is decided
    /// again; the jobs that were taken are known by their ids.
    fn find_unroutable(&self, chunk: &[Incoming], results: &[Published], work: &mut Work) {
        let mut results = results.iter();
        for Routed { message, raw, jobs } in std::mem::take(&mut work.routed) {
            let unroutable = results
                .by_ref()
                .take(jobs)
                .filter(|result| **result == Published::Unroutable)
                .count();
            if unroutable == 0 {
                continue;
            }
            let message = &chunk[message];
            let detail = format!(
                "{unroutable} of {jobs} jobs came back: exchange {} has no queue for them",
                self.names.jobs()
            );
            if message
                .headers
                .age(Utc::now())
                .is_some_and(|age| age >= GIVE_UP_AFTER)
            {
                work.dead
                    .push(dead_letter(message, Reason::Expired, detail));
            } else {
                tracing::error!(detail, "the event waits and is routed again");
                work.waiting.push(self.wait(message, &raw));
            }
        }
    }

    async fn publish_waiting(
        &self,
        work: &mut Work,
    ) -> Result<(), chassis::broker::PublisherStopped> {
        self.events
            .with_label_values(&["waiting"])
            .inc_by(work.waiting.len() as u64);
        let results = self.publisher.publish(&work.waiting).await?;
        let copies = work.waiting.drain(..).zip(results);
        // Without a ladder nothing can wait: kept as dead letters rather than lost.
        let no_ladder = copies
            .filter(|(_, result)| *result == Published::Unroutable)
            .map(|(copy, _)| DeadLetter {
                service: Service::EventRouter,
                job: None,
                event: None,
                headers: serde_json::json!({ "attempt": copy.headers.attempt }),
                reason: Reason::Internal,
                detail: format!(
                    "exchange {} has no queue for {}; start with DD_BROKER_TOPOLOGY=apply",
                    copy.exchange, copy.routing_key
                ),
                body: copy.body,
            });
        work.dead.extend(no_ladder);
        self.write(&[], &work.dead).await;
        Ok(())
    }

    fn wait(&self, message: &Incoming, raw: &RawValue) -> Outgoing {
        let attempt = message.headers.attempt;
        Outgoing {
            exchange: self.names.retry(),
            routing_key: Names::rung_key(
                Service::EventRouter,
                self.ladder.rung_after(attempt, None, false),
            ),
            content_type: event::CONTENT_TYPE,
            message_id: String::new(),
            headers: Headers {
                attempt: attempt.saturating_add(1),
                first_published: message
                    .headers
                    .first_published
                    .or_else(|| Some(Utc::now().timestamp_millis())),
                ..message.headers.clone()
            },
            body: raw.get().as_bytes().to_vec(),
        }
    }

    /// Writes until it is written; meanwhile readiness says why events wait.
    async fn write(&self, records: &[EventRecord], dead: &[DeadLetter]) {
        let never = CancellationToken::new();
        if !records.is_empty() {
            until_ok(&self.database, &never, || self.store.record_events(records)).await;
        }
        if !dead.is_empty() {
            until_ok(&self.database, &never, || {
                self.store.file_dead_letters(dead)
            })
            .await;
        }
    }
}

fn record(
    read: &Read,
    directory: &Directory,
    behind: bool,
    now: DateTime<Utc>,
    plan: &Plan,
) -> EventRecord {
    EventRecord {
        source: read.event.source.clone(),
        id: read.event.id.clone(),
        name: read.event.name.as_str().to_owned(),
        body: read.raw.get().to_owned(),
        received_at: now,
        directory_version: directory.version(),
        directory_behind: behind,
        jobs: i32::try_from(plan.jobs.len()).unwrap_or(i32::MAX),
        decisions: serde_json::json!(plan.told),
        notes: serde_json::json!(plan.notes),
        unknown_recipients: plan.notes.unknown_recipients.clone(),
    }
}

fn dead_letter(message: &Incoming, reason: Reason, detail: String) -> DeadLetter {
    DeadLetter {
        service: Service::EventRouter,
        job: None,
        event: None,
        body: message.body.clone(),
        headers: serde_json::json!({ "attempt": message.headers.attempt, "content_type": message.content_type }),
        reason,
        detail,
    }
}
