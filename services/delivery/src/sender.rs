//! A sender's life: connect, work until told to stop, finish what is in hand.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chassis::Runtime;
use chassis::broker::{Consumer, Publisher};
use chassis::health::Part;
use chassis::reconnect::until_ok;
use chassis::trace::Tracer;
use proto_events::Service;
use store::Store;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel::Channel;
use crate::clerk::Clerk;
use crate::config::DeliveryConfig;
use crate::failure::FailureAlerts;
use crate::intake::Read;
use crate::lanes::Lanes;
use crate::metrics::DeliveryMetrics;
use crate::outcomes::{Outcomes, Settlers};
use crate::settle::Settling;
use crate::take;
use crate::waiting_room::WaitingRoom;

/// How many messages are claimed together at most.
const CHUNK: usize = 256;

/// How many chunks are claimed at once, from the queue and from lines each: while one is, the
/// next one grows.
const INTAKES: usize = 1;

/// A sender at work.
pub(crate) struct Sender<C> {
    pub(crate) channel: C,
    pub(crate) service: Service,
    /// The name of its queue.
    pub(crate) queue: String,
    pub(crate) tracer: Tracer,
    pub(crate) timeout: Duration,
    /// Time between two attempts at one destination.
    pub(crate) interval: Option<Duration>,
    pub(crate) store: Store,
    pub(crate) database: Part,
    pub(crate) stop: CancellationToken,
    /// Cancelled when attempts that are still under way have no more time.
    pub(crate) cut: CancellationToken,
    pub(crate) metrics: DeliveryMetrics,
    pub(crate) attempts: TaskTracker,
    /// One permit for each attempt that may be under way.
    slots: Arc<Semaphore>,
    /// How many of them each destination has.
    pub(crate) lanes: Arc<Lanes>,
    /// Those whose destination's lane is full.
    pub(crate) waiting: WaitingRoom<Read>,
    /// One permit for each chunk that may be claimed at once.
    intakes: Arc<Semaphore>,
    /// The same for chunks from lines, so that nobody's line makes the others wait.
    line_intakes: Arc<Semaphore>,
    /// Told when a line may move.
    pub(crate) lines: Arc<Notify>,
    pub(crate) outcomes: Outcomes,
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
    if let Some(composer) = channel.composer() {
        composer.follow_templates(&store, &runtime).await?;
    }
    let broker = &config.chassis.broker;
    let mut consumer = Consumer::new(broker, service, &runtime);
    let lines = Arc::new(Notify::new());
    let publisher = Publisher::start(broker, &runtime);
    let names = broker.broker_prefix.clone();
    let settling = Settling {
        clerk: Clerk {
            service,
            names: names.clone(),
            ladder: broker.retry_ladder.clone(),
            ledger: C::LEDGER,
            pauses: C::PAUSES,
            metrics: metrics.clone(),
        },
        store: store.clone(),
        database: database.clone(),
        failures: FailureAlerts::new(service, names, store.clone(), publisher.clone()),
        publisher,
        lines: Arc::clone(&lines),
    };
    let (outcomes, mut settlers) = Settlers::start(settling);
    let sender = Arc::new(Sender {
        channel,
        service,
        queue: broker.broker_prefix.queue(service),
        tracer: runtime.tracer.clone(),
        timeout: config.attempt_timeout,
        interval: interval(config.destination_rate, C::RATE),
        store,
        database,
        stop: runtime.stop.clone(),
        cut: CancellationToken::new(),
        metrics,
        attempts: TaskTracker::new(),
        slots: Arc::new(Semaphore::new(config.attempt_slots as usize)),
        lanes: Lanes::new(config.attempt_slots),
        waiting: WaitingRoom::default(),
        intakes: Arc::new(Semaphore::new(INTAKES)),
        line_intakes: Arc::new(Semaphore::new(INTAKES)),
        lines,
        outcomes,
    });
    let working = async {
        tokio::join!(
            take::from_queue(&sender, &mut consumer),
            take::from_waiting_room(&sender),
            take::from_lines(&sender)
        )
    };
    tokio::select! {
        _ = working => {}
        ended = settlers.end() => ended?,
    }
    let grace = config.chassis.shutdown_grace;
    sender.drain(grace / 2).await;
    // The last holder of the ends that outcomes go in at: with it the settling ends.
    drop(sender);
    settlers.finish(grace / 4).await?;
    consumer.close().await;
    Ok(())
}

/// The time between two attempts at a destination, of the rate that is set (0: as many as there are),
/// else of the channel's own.
fn interval(set: Option<u32>, own: Option<NonZeroU32>) -> Option<Duration> {
    let rate = match set {
        Some(rate) => NonZeroU32::new(rate),
        None => own,
    };
    Some(Duration::from_secs(1) / rate?.get())
}

impl<C> Sender<C> {
    /// An attempt slot; none once the service is to stop.
    pub(crate) async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        self.permit(&self.slots).await
    }

    /// An attempt slot, and as many more as are free.
    pub(crate) fn with_others(&self, mut slots: OwnedSemaphorePermit) -> OwnedSemaphorePermit {
        let more = self.slots.available_permits().min(CHUNK - 1);
        let more = u32::try_from(more).unwrap_or(0);
        if let Ok(free) = Arc::clone(&self.slots).try_acquire_many_owned(more) {
            slots.merge(free);
        }
        slots
    }

    /// Whoever holds it may claim a chunk; none once the service is to stop.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.permit(&self.intakes).await
    }

    /// As [`Sender::turn`], for a chunk from lines.
    pub(crate) async fn line_turn(&self) -> Option<OwnedSemaphorePermit> {
        self.permit(&self.line_intakes).await
    }

    async fn permit(&self, of: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        tokio::select! {
            () = self.stop.cancelled() => None,
            permit = Arc::clone(of).acquire_owned() => permit.ok(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_is_set_wins_over_the_channels_own_and_0_is_none() {
        let own = NonZeroU32::new(4);
        let milliseconds = |set, own| interval(set, own).map(|time| time.as_millis());
        assert_eq!(milliseconds(None, own), Some(250));
        assert_eq!(milliseconds(Some(10), own), Some(100));
        assert_eq!(milliseconds(Some(0), own), None);
        assert_eq!(milliseconds(None, None), None);
    }
}
