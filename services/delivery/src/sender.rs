//! The loop around a channel: take, claim, attempt, record, acknowledge.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chassis::Runtime;
use chassis::broker::{Consumer, Incoming, Publisher};
use chassis::health::Part;
use chassis::reconnect::until_ok;
use futures_util::FutureExt;
use proto_events::{Outcome, Reason, Service};
use store::{Place, Store};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::task::TaskTracker;

use crate::channel::Channel;
use crate::config::DeliveryConfig;
use crate::intake::{self, Intake};
use crate::metrics::DeliveryMetrics;
use crate::settle::{Key, Settled, Settling, Verdict};

/// How many messages are claimed together at most.
const CHUNK: usize = 256;

/// A sender at work.
struct Sender<C> {
    channel: C,
    service: Service,
    timeout: Duration,
    store: Store,
    database: Part,
    runtime: Runtime,
    metrics: DeliveryMetrics,
    attempts: TaskTracker,
    verdicts: mpsc::Sender<Settled>,
}

/// Runs the sender of a channel until the service is to stop. `connect` makes the
/// channel once the database is there.
///
/// # Errors
/// If the configuration cannot be used, or the sender broke down.
pub async fn run<C: Channel>(
    service: Service,
    config: &DeliveryConfig,
    runtime: Runtime,
    connect: impl FnOnce(&Store) -> anyhow::Result<C>,
) -> anyhow::Result<()> {
    let label = service.channel().context("only senders deliver")?;
    let metrics = DeliveryMetrics::new(label, &runtime.metrics)?;
    let database = runtime.health.part("database");
    let store = Store::new(&config.store, service.as_str())?;
    if until_ok(&database, &runtime.stop, || store.ready())
        .await
        .is_none()
    {
        return Ok(());
    }
    let broker = &config.chassis.broker;
    let mut consumer = Consumer::new(broker, service, &runtime);
    let publisher = Publisher::start(broker, &runtime);
    let (verdicts, receiver) = mpsc::channel(CHUNK * 4);
    let settling = Settling {
        service,
        names: broker.broker_prefix.clone(),
        ladder: broker.retry_ladder.clone(),
        ledger: C::LEDGER,
        store: store.clone(),
        database: database.clone(),
        publisher,
        metrics: metrics.clone(),
    };
    let settling = tokio::spawn(settling.run(receiver));
    let sender = Arc::new(Sender {
        channel: connect(&store)?,
        service,
        timeout: config.attempt_timeout,
        store,
        database,
        runtime,
        metrics,
        attempts: TaskTracker::new(),
        verdicts,
    });
    take(&sender, &mut consumer, config.attempt_slots).await;
    sender.attempts.close();
    sender.attempts.wait().await;
    // The last sender of verdicts: with it the settling ends.
    drop(sender);
    settling.await.context("the settling task failed")??;
    consumer.close().await;
    Ok(())
}

/// Takes as many messages as there are free attempt slots, until the service is to stop.
async fn take<C: Channel>(sender: &Arc<Sender<C>>, consumer: &mut Consumer, slots: u32) {
    let slots = Arc::new(Semaphore::new(slots as usize));
    loop {
        let Ok(mut permits) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        let more = slots.available_permits().min(CHUNK - 1);
        if let Ok(free) =
            Arc::clone(&slots).try_acquire_many_owned(u32::try_from(more).unwrap_or(0))
        {
            permits.merge(free);
        }
        let Some(chunk) = consumer.chunk(permits.num_permits()).await else {
            return;
        };
        let used = permits.split(chunk.len());
        drop(permits);
        sender
            .attempts
            .spawn(Arc::clone(sender).handle(chunk, used));
    }
}

impl<C: Channel> Sender<C> {
    /// Claims a chunk and starts its attempts.
    async fn handle(self: Arc<Self>, chunk: Vec<Incoming>, permits: Option<OwnedSemaphorePermit>) {
        let mut permits = permits;
        let (jobs, unreadable) = intake::read(chunk);
        let claimed = until_ok(&self.database, &self.runtime.stop, || {
            intake::claim::<C>(&self.store, self.service, self.timeout, &jobs)
        });
        let Intake { tasks, settled } = match claimed.await {
            Some((claims, places, settings)) => intake::sort(jobs, claims, places, &settings),
            // Stopping while the database is away: unacknowledged, so delivered again.
            None => Intake::default(),
        };
        for settled in unreadable.into_iter().chain(settled) {
            self.settle(settled).await;
        }
        let mut batch = Vec::new();
        for (message, task) in tasks {
            let key = Key::of(&task.job, &task.event);
            match readable(&task.place).and_then(|()| self.channel.prepare(task)) {
                Ok(job) => batch.push((message, key, job)),
                Err(outcome) => {
                    self.settle(Settled {
                        message,
                        key: Some(key),
                        verdict: Verdict::Attempted(outcome),
                    })
                    .await;
                }
            }
            if batch.len() == C::BATCH {
                self.start(std::mem::take(&mut batch), &mut permits);
            }
        }
        if !batch.is_empty() {
            self.start(batch, &mut permits);
        }
    }

    /// Starts attempts that go together.
    fn start(
        self: &Arc<Self>,
        batch: Vec<(Incoming, Key, C::Job)>,
        permits: &mut Option<OwnedSemaphorePermit>,
    ) {
        let slots = permits
            .as_mut()
            .and_then(|permits| permits.split(batch.len()));
        let sender = Arc::clone(self);
        self.attempts.spawn(async move {
            let (messages, jobs): (Vec<_>, Vec<_>) = batch
                .into_iter()
                .map(|(message, key, job)| ((message, key), job))
                .unzip();
            let outcomes = sender.attempt(&jobs).await;
            for ((message, key), outcome) in messages.into_iter().zip(outcomes) {
                let verdict = Verdict::Attempted(outcome);
                sender
                    .settle(Settled {
                        message,
                        key: Some(key),
                        verdict,
                    })
                    .await;
            }
            drop(slots);
        });
    }

    /// One attempt under its deadline; a panic ends the attempt, not the service.
    async fn attempt(&self, jobs: &[C::Job]) -> Vec<Outcome> {
        let started = Instant::now();
        let in_flight = i64::try_from(jobs.len()).unwrap_or(i64::MAX);
        self.metrics.in_flight.add(in_flight);
        let work = AssertUnwindSafe(self.channel.deliver_many(jobs)).catch_unwind();
        let result = tokio::time::timeout(self.timeout, work).await;
        self.metrics.in_flight.sub(in_flight);
        self.metrics
            .seconds
            .observe(started.elapsed().as_secs_f64());
        let failed = |reason, detail: &str| {
            vec![
                Outcome::Retry {
                    reason,
                    detail: detail.to_owned(),
                    after: None
                };
                jobs.len()
            ]
        };
        match result {
            Ok(Ok(outcomes)) if outcomes.len() == jobs.len() => outcomes,
            Ok(Ok(_)) => failed(
                Reason::Internal,
                "the channel gave fewer outcomes than it had jobs",
            ),
            Ok(Err(_)) => failed(
                Reason::Internal,
                "the attempt panicked; the log has the place",
            ),
            Err(_) => failed(
                Reason::Timeout,
                &format!(
                    "no outcome within {} s (DD_ATTEMPT_TIMEOUT)",
                    self.timeout.as_secs()
                ),
            ),
        }
    }

    async fn settle(&self, settled: Settled) {
        if self.verdicts.send(settled).await.is_err() {
            tracing::error!(
                "an outcome could not be recorded because the settling task has ended; the broker delivers again"
            );
        }
    }
}

/// A place whose secret cannot be read waits until somebody gives the service the key.
fn readable(place: &Place) -> Result<(), Outcome> {
    match place {
        Place::Sealed(problem) => Err(Outcome::Retry {
            reason: Reason::NotConfigured,
            detail: problem.to_string(),
            after: None,
        }),
        _ => Ok(()),
    }
}
