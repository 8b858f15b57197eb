//! The loop around a channel: take, claim, attempt, record, acknowledge.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chassis::Runtime;
use chassis::broker::{Consumer, Incoming, Publisher};
use chassis::health::Part;
use chassis::reconnect::until_ok;
use futures_util::FutureExt;
use proto_events::{Job, Outcome, Reason, Service};
use store::{Place, Store};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel::{Channel, Task};
use crate::config::DeliveryConfig;
use crate::intake::{self, Intake};
use crate::metrics::DeliveryMetrics;
use crate::settle::Settling;
use crate::verdict::{Clerk, Key, Settled, Verdict};

/// How many messages are claimed together at most.
const CHUNK: usize = 256;

/// A sender at work.
struct Sender<C> {
    channel: C,
    service: Service,
    timeout: Duration,
    store: Store,
    database: Part,
    stop: CancellationToken,
    /// Cancelled when attempts that are still under way have no more time.
    cut: CancellationToken,
    metrics: DeliveryMetrics,
    attempts: TaskTracker,
    verdicts: mpsc::Sender<Settled>,
    retries: mpsc::Sender<Settled>,
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
    let channel = connect(&store)?;
    if until_ok(&database, &runtime.stop, || store.ready())
        .await
        .is_none()
    {
        return Ok(());
    }
    let broker = &config.chassis.broker;
    let mut consumer = Consumer::new(broker, service, &runtime);
    let settling = Settling {
        clerk: Clerk {
            service,
            names: broker.broker_prefix.clone(),
            ladder: broker.retry_ladder.clone(),
            ledger: C::LEDGER,
            metrics: metrics.clone(),
        },
        store: store.clone(),
        database: database.clone(),
        publisher: Publisher::start(broker, &runtime),
    };
    // Apart, so that a broker that takes no copies does not hold up what needs none.
    let (verdicts, without_copies) = mpsc::channel(CHUNK * 4);
    let (retries, with_copies) = mpsc::channel(CHUNK * 4);
    let mut settled = tokio::spawn(settling.clone().run(without_copies));
    let mut retried = tokio::spawn(settling.run(with_copies));
    let sender = Arc::new(Sender {
        channel,
        service,
        timeout: config.attempt_timeout,
        store,
        database,
        stop: runtime.stop.clone(),
        cut: CancellationToken::new(),
        metrics,
        attempts: TaskTracker::new(),
        verdicts,
        retries,
    });
    tokio::select! {
        () = take(&sender, &mut consumer, config.attempt_slots) => {}
        ended = &mut settled => ended.context("the settling task failed")??,
        ended = &mut retried => ended.context("the settling task failed")??,
    }
    let grace = config.chassis.shutdown_grace;
    sender.drain(grace / 2).await;
    // The last holder of the ends that verdicts go in at: with it the settling ends.
    drop(sender);
    let finish = async { tokio::try_join!(&mut settled, &mut retried) };
    match tokio::time::timeout(grace / 4, finish).await {
        Ok(ended) => {
            let (settled, retried) = ended.context("the settling task failed")?;
            settled.and(retried)?;
        }
        Err(_) => {
            tracing::warn!(
                "outcomes could not be written down before the end; the broker delivers those messages again"
            );
            settled.abort();
            retried.abort();
        }
    }
    consumer.close().await;
    Ok(())
}

/// Takes as many messages as there are free attempt slots, until the service is to stop.
async fn take<C: Channel>(sender: &Arc<Sender<C>>, consumer: &mut Consumer, slots: u32) {
    let slots = Arc::new(Semaphore::new(slots as usize));
    loop {
        let permit = tokio::select! {
            () = sender.stop.cancelled() => return,
            permit = Arc::clone(&slots).acquire_owned() => permit,
        };
        let Ok(mut permits) = permit else { return };
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
    async fn handle(
        self: Arc<Self>,
        chunk: Vec<Incoming>,
        mut permits: Option<OwnedSemaphorePermit>,
    ) {
        let (jobs, unreadable) = intake::read(chunk);
        let claimed = until_ok(&self.database, &self.stop, || {
            intake::claim::<C>(&self.store, self.service, self.timeout, &jobs)
        });
        let Intake { tasks, settled } = match claimed.await {
            Some(known) => intake::sort(jobs, known),
            // Stopping while the database is away: the messages are handed back.
            None => Intake::default(),
        };
        for settled in unreadable.into_iter().chain(settled) {
            self.settle(settled).await;
        }
        let mut batch = Vec::new();
        for (message, task) in tasks {
            let key = Key::of(&task.job, &task.event);
            match self.prepare(task) {
                Ok(job) => batch.push((message, key, job)),
                Err(outcome) => {
                    let verdict = Verdict::Attempted(outcome);
                    self.settle(Settled {
                        message,
                        key: Some(key),
                        verdict,
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

    /// Makes of a task what is sent; a panic ends the attempt, not the service.
    fn prepare(&self, task: Task) -> Result<C::Job, Outcome> {
        at_home(&task.place, &task.job)?;
        catch_unwind(AssertUnwindSafe(|| self.channel.prepare(task))).unwrap_or_else(|_| {
            Err(Outcome::retry(
                Reason::Internal,
                "making the message panicked; the log has the place",
            ))
        })
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
            let outcomes = tokio::select! {
                outcomes = sender.attempt(&jobs) => outcomes,
                // Handed back; the claim stands until its lease is over, since nobody knows how far it came.
                () = sender.cut.cancelled() => return,
            };
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
        let failed = |reason, detail: &str| vec![Outcome::retry(reason, detail); jobs.len()];
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
        let way = if settled.needs_copy() {
            &self.retries
        } else {
            &self.verdicts
        };
        if way.send(settled).await.is_err() {
            tracing::error!(
                "an outcome could not be written down because the settling task has ended; the broker delivers again"
            );
        }
    }

    /// Waits for the attempts under way, and cuts off those that take longer.
    async fn drain(&self, patience: Duration) {
        self.attempts.close();
        if tokio::time::timeout(patience, self.attempts.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                attempts = self.attempts.len(),
                "cut off attempts at the end; the broker delivers those messages again"
            );
            self.cut.cancel();
            self.attempts.wait().await;
        }
    }
}

/// Whether a place is what its job was made for: readable, and still that person's.
fn at_home(place: &Place, job: &Job) -> Result<(), Outcome> {
    match place {
        // Waits until somebody gives the service the key.
        Place::Sealed(problem) => Err(Outcome::retry(Reason::NotConfigured, problem.to_string())),
        Place::Webhook(endpoint) => {
            let meant = job
                .to
                .address()
                .and_then(|address| Some(address.recipient.as_ref()?.id));
            if endpoint.owner.as_ref().map(|owner| owner.id) == meant {
                Ok(())
            } else {
                Err(Outcome::rejected(
                    Reason::RecipientGone,
                    "the endpoint belongs to somebody else now",
                ))
            }
        }
        _ => Ok(()),
    }
}
