//! The loop: take, decide, publish, record, acknowledge.

use std::sync::Arc;

use anyhow::Context;
use chassis::Runtime;
use chassis::broker::{Consumer, Incoming, Outgoing, Published, Publisher, PublisherStopped};
use chassis::health::Part;
use chassis::ladder::GIVE_UP_AFTER;
use chassis::metrics::counters;
use chassis::reconnect::until_ok;
use chrono::Utc;
use prometheus::IntCounterVec;
use proto_events::{Reason, Service};
use serde_json::value::RawValue;
use store::{DeadLetter, EventRecord, Store};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::RouterConfig;
use crate::directory::Current;
use crate::ruling::{Bench, Ruling, dead_letter};

/// How many events are decided together at most.
const CHUNK: usize = 64;

/// How many chunks are in work at once: while one waits for confirms, another is decided.
const IN_WORK: usize = 4;

/// How many jobs are on their way to the broker at once; an event may have thousands.
const WINDOW: usize = 1000;

struct Router {
    bench: Bench,
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
    /// The events whose jobs those are, in the same order.
    routed: Vec<Routed>,
    records: Vec<EventRecord>,
    waiting: Vec<Outgoing>,
    dead: Vec<DeadLetter>,
}

/// An event whose jobs are being published.
struct Routed {
    /// Its message's place in the chunk.
    message: usize,
    event: (String, String),
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
        bench: Bench {
            names: broker.broker_prefix.clone(),
            ladder: broker.retry_ladder.clone(),
            policy: config.policy(),
        },
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
    let chunks = TaskTracker::new();
    let result = take(&router, &mut consumer, &chunks).await;
    chunks.close();
    if tokio::time::timeout(config.chassis.shutdown_grace / 2, chunks.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            "events in hand could not be routed before the end; the broker delivers them again"
        );
    }
    if let Some(router) = Arc::into_inner(router) {
        router.publisher.close().await;
        consumer.close().await;
    }
    result
}

/// Takes events until the service is to stop.
async fn take(
    router: &Arc<Router>,
    consumer: &mut Consumer,
    chunks: &TaskTracker,
) -> anyhow::Result<()> {
    let in_work = Arc::new(Semaphore::new(IN_WORK));
    loop {
        let place = Arc::clone(&in_work)
            .acquire_owned()
            .await
            .context("the router's own limit is gone")?;
        let Some(chunk) = consumer.chunk(CHUNK).await else {
            return Ok(());
        };
        let router = Arc::clone(router);
        chunks.spawn(async move {
            router.route(chunk).await;
            drop(place);
        });
    }
}

impl Router {
    /// Routes a chunk. Whatever ends early hands its messages back: the broker delivers
    /// them again, and ids made of the event keep that harmless.
    async fn route(&self, chunk: Vec<Incoming>) {
        let Some(directory) = self.directory.fresh().await else {
            return;
        };
        let mut work = Work::default();
        for (place, message) in chunk.iter().enumerate() {
            work.add(place, self.bench.rule(message, &directory, Utc::now()));
        }
        let counted = [
            ("routed", work.routed.len()),
            ("waiting", work.waiting.len()),
            ("dead", work.dead.len()),
        ];
        for (result, count) in counted {
            self.events
                .with_label_values(&[result])
                .inc_by(count as u64);
        }
        match self.carry_out(&chunk, work).await {
            Ok(()) => chunk.into_iter().for_each(|message| message.ack.ack()),
            Err(error) => tracing::error!(%error, "a chunk of events was not published"),
        }
    }

    /// Publishes and writes what a chunk comes to.
    async fn carry_out(&self, chunk: &[Incoming], mut work: Work) -> Result<(), PublisherStopped> {
        let (published, ()) =
            tokio::join!(self.publish(&work.jobs), self.write(&work.records, &[]));
        self.find_unroutable(chunk, &published?, &mut work);
        let results = self.publish(&work.waiting).await?;
        let copies = work.waiting.drain(..).zip(results);
        // Without a ladder nothing can wait: kept as dead letters rather than lost.
        let no_ladder = copies.filter(|(_, result)| *result == Published::Unroutable);
        work.dead.extend(no_ladder.map(|(copy, _)| no_rung(copy)));
        self.write(&[], &work.dead).await;
        Ok(())
    }

    async fn publish(&self, messages: &[Outgoing]) -> Result<Vec<Published>, PublisherStopped> {
        let mut results = Vec::with_capacity(messages.len());
        for window in messages.chunks(WINDOW) {
            results.extend(self.publisher.publish(window).await?);
        }
        Ok(results)
    }

    /// An event whose jobs came back without a queue waits on the ladder and is decided
    /// again; the jobs that were taken are known by their ids.
    fn find_unroutable(&self, chunk: &[Incoming], results: &[Published], work: &mut Work) {
        let mut results = results.iter();
        for Routed {
            message,
            event,
            raw,
            jobs,
        } in std::mem::take(&mut work.routed)
        {
            let unroutable = results
                .by_ref()
                .take(jobs)
                .filter(|result| **result == Published::Unroutable)
                .count();
            if unroutable == 0 {
                continue;
            }
            let exchange = self.bench.names.jobs();
            let detail = format!(
                "{unroutable} of {jobs} jobs came back: exchange {exchange} has no queue for them"
            );
            let message = &chunk[message];
            if message
                .headers
                .age(Utc::now())
                .is_some_and(|age| age >= GIVE_UP_AFTER)
            {
                work.dead
                    .push(dead_letter(message, Some(event), Reason::Expired, detail));
            } else {
                tracing::error!(
                    event.id = event.1,
                    detail,
                    "the event waits and is routed again"
                );
                work.waiting.push(self.bench.copy(message, &event.1, &raw));
            }
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

impl Work {
    fn add(&mut self, message: usize, ruling: Ruling) {
        match ruling {
            Ruling::Tell(told) => {
                self.routed.push(Routed {
                    message,
                    event: told.event,
                    raw: told.raw,
                    jobs: told.jobs.len(),
                });
                self.jobs.extend(told.jobs);
                self.records.push(told.record);
            }
            Ruling::Wait(copy) => self.waiting.push(copy),
            Ruling::Dead(letter) => self.dead.push(letter),
        }
    }
}

fn no_rung(copy: Outgoing) -> DeadLetter {
    DeadLetter {
        service: Service::EventRouter,
        job: None,
        event: None,
        headers: serde_json::json!({ "attempt": copy.headers.attempt }),
        reason: Reason::Internal,
        detail: format!(
            "exchange {} has no queue for {}; run notifyctl topology apply",
            copy.exchange, copy.routing_key
        ),
        body: copy.body,
    }
}
