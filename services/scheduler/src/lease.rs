//! Which replica acts: a lease in the database, taken, kept while it can be kept, and lost.

use std::time::Duration;

use chassis::health::Part;
use store::Store;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long a lease lasts unless it is kept.
const TERM: Duration = Duration::from_secs(10);

/// How often it is kept, or tried for. With the term it makes the longest time in which nobody
/// acts after a death: 13 s.
const EVERY: Duration = Duration::from_secs(3);

// Promised: when the replica that acts dies, another acts within fifteen seconds.
const _: () = assert!(TERM.as_secs() + EVERY.as_secs() <= 15);

/// How long before its end a lease that could not be kept counts as lost, so that two never act
/// at once by clocks that run a little differently.
const MARGIN: Duration = Duration::from_secs(1);

/// Whether this replica acts: until the token is cancelled, or not at all.
pub(crate) type Held = Option<CancellationToken>;

/// Tries for the lease and keeps it, until it is to stop; then gives it back.
pub(crate) async fn keep(
    store: Store,
    database: Part,
    held: watch::Sender<Held>,
    stop: CancellationToken,
) {
    let holder = Uuid::new_v4();
    let mut until = Instant::now();
    while !stop.is_cancelled() {
        let asked = Instant::now();
        // Whoever holds the lease must know before its end that it could not be kept.
        let patience = if until > asked + MARGIN {
            until - MARGIN
        } else {
            asked + EVERY
        };
        match timeout_at(patience, store.take_lease(holder, TERM)).await {
            Ok(Ok(true)) => {
                until = asked + TERM;
                database.up();
                acts(&held, true);
            }
            Ok(Ok(false)) => {
                database.up();
                acts(&held, false);
            }
            Ok(Err(error)) => database.down(error),
            Err(_) => database.down("the database did not answer in time"),
        }
        if Instant::now() + MARGIN >= until {
            acts(&held, false);
        }
        let left = until.saturating_duration_since(Instant::now() + MARGIN);
        let pause = if left.is_zero() {
            EVERY
        } else {
            EVERY.min(left)
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(pause) => {}
        }
    }
    acts(&held, false);
    if let Err(error) = store.give_back_lease(holder).await {
        tracing::warn!(%error, "the lease could not be given back; another replica waits until it is over");
    }
}

/// Makes known whether this replica acts; a change is logged.
fn acts(held: &watch::Sender<Held>, now: bool) {
    held.send_if_modified(|held| match (held.take(), now) {
        (None, true) => {
            tracing::info!("this replica acts from now on");
            *held = Some(CancellationToken::new());
            true
        }
        (Some(token), false) => {
            tracing::info!("this replica does not act any more");
            token.cancel();
            true
        }
        (same, _) => {
            *held = same;
            false
        }
    });
}
