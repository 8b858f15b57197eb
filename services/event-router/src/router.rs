//! The loop: take, decide, publish, record, acknowledge.

use std::sync::Arc;

use anyhow::Context;
use chassis::Runtime;
use chassis::broker::{Ack, Consumer, Incoming, Publisher, PublisherStopped};
use chassis::health::Part;
use chassis::metrics::counters;
use chassis::reconnect::{until_final, until_ok};
use chrono::Utc;
use prometheus::IntCounterVec;
use proto_events::Service;
use store::{DeadLetter, EventRecord, Store, StoreError};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::RouterConfig;
use crate::directory::Current;
use crate::filing::Filing;
use crate::ruling::{Bench, Ruling};
use crate::sending::send;
use crate::statement::groups;
use crate::survey;
use crate::work::Work;

/// How many events are decided together at most.
const CHUNK: usize = 256;

/// How many chunks are in work at once: while some wait for confirms and for the database,
/// others are decided.
const IN_WORK: usize = 4;

struct Router {
    bench: Bench,
    store: Store,
    database: Part,
    directory: Current,
    publisher: Publisher,
    events: IntCounterVec,
    filing: Filing,
    /// What nobody can read, on its way to be filed.
    given_up: UnboundedSender<(DeadLetter, Ack)>,
    /// The chunks in work.
    working: TaskTracker,
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
    survey::start(&store, broker, &runtime)?;
    let mut consumer = Consumer::new(broker, Service::EventRouter, &runtime);
    let filing = Filing {
        store: store.clone(),
        database: database.clone(),
    };
    let (given_up, to_file) = mpsc::unbounded_channel();
    let filed = tokio::spawn(filing.clone().run(to_file));
    let router = Arc::new(Router {
        bench: Bench {
            names: broker.broker_prefix.clone(),
            tracer: runtime.tracer.clone(),
            ladder: broker.retry_ladder.clone(),
            policy: config.policy.policy(),
            size_limit: config.message_size_limit,
            record: config.record_events,
        },
        directory: Current::keep(&store, config.database_listen_url.as_ref(), &runtime)?,
        store,
        database,
        publisher: Publisher::start(broker, &runtime),
        events,
        filing,
        given_up,
        working: TaskTracker::new(),
    });
    let result = take(&router, &mut consumer).await;
    router.working.close();
    let in_hand = async {
        router.working.wait().await;
        // The last holder of the end that letters go in at: with it the filing ends.
        let router = Arc::into_inner(router);
        let publisher = router.map(|router| router.publisher);
        let filed = filed.await.context("the filing of dead letters failed");
        (publisher, filed)
    };
    let Ok((publisher, filed)) = timeout(config.chassis.shutdown_grace / 2, in_hand).await else {
        tracing::warn!(
            "events in hand could not be routed before the end; the broker delivers them again"
        );
        return result;
    };
    if let Some(publisher) = publisher {
        publisher.close().await;
        consumer.close().await;
    }
    result.and(filed)
}

/// Takes events until the service is to stop.
async fn take(router: &Arc<Router>, consumer: &mut Consumer) -> anyhow::Result<()> {
    let in_work = Arc::new(Semaphore::new(IN_WORK));
    loop {
        let place = Arc::clone(&in_work)
            .acquire_owned()
            .await
            .context("the router's own limit is gone")?;
        let Some(chunk) = consumer.chunk(CHUNK).await else {
            return Ok(());
        };
        let at_work = Arc::clone(router);
        router.working.spawn(async move {
            at_work.route(chunk).await;
            drop(place);
        });
    }
}

impl Router {
    /// Routes a chunk. Whatever ends early hands its messages back: the broker delivers
    /// them again, and ids made of the event keep that harmless.
    async fn route(self: &Arc<Self>, chunk: Vec<Incoming>) {
        let Some(directory) = self.directory.fresh().await else {
            return;
        };
        let mut work = Work::default();
        let mut given_up = Vec::new();
        let mut kept = Vec::with_capacity(chunk.len());
        for message in chunk {
            match self.bench.rule(&message, &directory, Utc::now()) {
                Ruling::Dead(letter) => given_up.push((letter, message.ack)),
                Ruling::Tell(told) => {
                    work.tell(kept.len(), told);
                    kept.push(message);
                }
                Ruling::Wait(copy) => {
                    work.waiting.push((kept.len(), copy));
                    kept.push(message);
                }
            }
        }
        self.count(&work, given_up.len());
        for letter in given_up {
            // Refused only after a fault of the filing; what is dropped is delivered again.
            if self.given_up.send(letter).is_err() {
                tracing::error!(
                    "a message that cannot be read was not filed, since filing has ended; the broker delivers it again"
                );
            }
        }
        match self.carry_out(&kept, work).await {
            Ok(()) => kept.into_iter().for_each(|message| message.ack.ack()),
            Err(error) => tracing::error!(%error, "a chunk of events was not published"),
        }
    }

    fn count(&self, work: &Work, given_up: usize) {
        for (result, count) in [
            ("routed", work.told.len()),
            ("waiting", work.waiting.len()),
            ("dead", given_up),
        ] {
            let counter = self.events.with_label_values(&[result]);
            counter.inc_by(count as u64);
        }
    }

    /// Publishes and writes what a chunk comes to.
    async fn carry_out(&self, chunk: &[Incoming], mut work: Work) -> Result<(), PublisherStopped> {
        let names = &self.bench.names;
        let jobs = send(&self.publisher, chunk.len(), work.jobs(names));
        let (sent, ()) = tokio::join!(jobs, self.record(&work.records));
        work.find_unpublished(&self.bench, chunk, &sent?);
        let copies = std::mem::take(&mut work.waiting).into_iter();
        let copies = copies.map(|(place, copy)| (place, Ok(copy)));
        let sent = send(&self.publisher, chunk.len(), copies).await?;
        work.find_stranded(names, chunk, sent);
        self.filing.file(&work.dead).await;
        Ok(())
    }

    /// Records events until they are recorded; meanwhile readiness says why they wait. What
    /// the database refuses together goes one by one, so that one keeps no others back.
    async fn record(&self, records: &[EventRecord]) {
        for group in groups(records, |record| record.body.len()) {
            if self.recorded(group).await.is_ok() {
                continue;
            }
            for record in group {
                if let Err(error) = self.recorded(std::slice::from_ref(record)).await {
                    tracing::error!(
                        event.id = record.id,
                        event.name = record.name,
                        %error,
                        "the database refuses an event's record; the event is routed without one"
                    );
                }
            }
        }
    }

    /// Records events until they are recorded or refused.
    async fn recorded(&self, records: &[EventRecord]) -> Result<(), StoreError> {
        let never = CancellationToken::new();
        let recorded = until_final(&self.database, &never, StoreError::is_temporary, || {
            self.store.record_events(records)
        });
        recorded.await.unwrap_or(Ok(()))
    }
}
