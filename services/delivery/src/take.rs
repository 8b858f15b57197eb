//! Takes messages, as many as there are free attempt slots: from the queue, from the waiting
//! room, and from the lines before destinations that rested.

use std::sync::Arc;
use std::time::Duration;

use chassis::broker::{Consumer, Incoming};
use chassis::reconnect::until_ok;
use proto_events::{JobId, Reason};
use tokio::time::Instant;

use crate::channel::Channel;
use crate::intake::lease;
use crate::message::Message;
use crate::sender::Sender;
use crate::verdict::{Key, Settled, Verdict};

/// How often lines are looked at that nobody spoke of.
const LOOK: Duration = Duration::from_secs(1);

/// Takes from the queue until the service is to stop.
pub(crate) async fn from_queue<C: Channel>(sender: &Arc<Sender<C>>, consumer: &mut Consumer) {
    loop {
        let mut taking = None;
        // Only when there is something to take: until then the slots are the lines'.
        let slots = async || {
            let slot = sender.slot().await?;
            let turn = sender.turn().await?;
            let (slots, _) = taking.insert((sender.with_others(slot), turn));
            Some(slots.num_permits())
        };
        let chunk = consumer.chunk_of(slots).await;
        let (Some(chunk), Some((mut permits, turn))) = (chunk, taking) else {
            return;
        };
        let (given_up, chunk): (Vec<_>, Vec<_>) =
            chunk.into_iter().partition(|message| message.given_up);
        for message in given_up {
            sender.outcomes.settle(filed(message)).await;
        }
        let used = permits.split(chunk.len());
        drop(permits);
        let chunk = chunk.into_iter().map(Message::from).collect();
        sender
            .attempts
            .spawn(Arc::clone(sender).take_in(chunk, used, turn));
    }
}

/// Takes those whose turn it is from the lines until the service is to stop.
pub(crate) async fn from_lines<C: Channel>(sender: &Arc<Sender<C>>) {
    // What is its own ledger has no destinations, and so no lines.
    if !C::LEDGER {
        return;
    }
    loop {
        let Some(slot) = sender.slot().await else {
            return;
        };
        let mut permits = sender.with_others(slot);
        let max = u32::try_from(permits.num_permits()).unwrap_or(u32::MAX);
        let taken = until_ok(&sender.database, &sender.stop, || {
            let (lease, together) = (lease(sender.timeout), sender.lanes.share());
            sender
                .store
                .take_parked(sender.service, max, together, lease)
        });
        let Some(taken) = taken.await else { return };
        if taken.is_empty() {
            drop(permits);
            tokio::select! {
                () = sender.stop.cancelled() => return,
                () = sender.lines.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
            continue;
        }
        let used = permits.split(taken.len());
        drop(permits);
        let chunk = taken.into_iter().map(Message::from).collect();
        let Some(turn) = sender.line_turn().await else {
            return;
        };
        sender
            .attempts
            .spawn(Arc::clone(sender).take_in(chunk, used, turn));
    }
}

/// Lets jobs in from the waiting room until the service is to stop: as many together as found
/// room while others were claimed. Those before a lane that stands still go to its line.
pub(crate) async fn from_waiting_room<C: Channel>(sender: &Arc<Sender<C>>) {
    loop {
        // Before the look, so that nothing that moves after it is missed.
        let moved = sender.lanes.moved();
        for job in sender.waiting.leave(&sender.lanes) {
            sender.outcomes.settle(job.parked()).await;
        }
        if !sender.waiting.has_room(&sender.lanes) {
            let patience = sender.waiting.patience(&sender.lanes);
            tokio::select! {
                () = sender.stop.cancelled() => return,
                () = sender.waiting.came() => {}
                () = moved => {}
                () = until(patience) => {}
            }
            continue;
        }
        sender.waiting.gather(&sender.lanes).await;
        let Some(slot) = sender.slot().await else {
            return;
        };
        let Some(turn) = sender.turn().await else {
            return;
        };
        let mut permits = sender.with_others(slot);
        let entered = sender.waiting.admit(&sender.lanes, permits.num_permits());
        let jobs: Vec<_> = entered
            .into_iter()
            .map(|(job, lane)| job.inside(lane))
            .collect();
        let permits = permits.split(jobs.len());
        sender
            .attempts
            .spawn(Arc::clone(sender).handle(jobs, permits, turn));
    }
}

/// Until then; for ever without a time.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// What the broker gave up is filed unread: reading it may be what crashed its readers.
fn filed(message: Incoming) -> Settled {
    let job = message.message_id.as_deref();
    let key = job.and_then(|id| id.parse::<JobId>().ok()).map(Key::only);
    let verdict = Verdict::Dead {
        reason: Reason::DeliveryLimit,
        detail: message.why_given_up(),
    };
    Settled {
        message: message.into(),
        key,
        verdict,
    }
}
