//! How long to wait before trying a server again.
//!
//! The only place that knows the crate `backoff`, which is unmaintained and may have to
//! be replaced (docs/decisions.md).

use std::fmt::Display;
use std::time::Duration;

use backoff::backoff::Backoff;
use backoff::{ExponentialBackoff, ExponentialBackoffBuilder};
use tokio_util::sync::CancellationToken;

use crate::health::Part;

const LONGEST: Duration = Duration::from_secs(5);

/// Growing delays between attempts to reach a server, without end: 0.1 s up to 5 s, and
/// each at random up to a half longer or shorter.
#[derive(Debug)]
pub struct Reconnect {
    delays: ExponentialBackoff,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            delays: ExponentialBackoffBuilder::new()
                .with_initial_interval(Duration::from_millis(100))
                .with_max_interval(LONGEST)
                .with_multiplier(2.0)
                .with_max_elapsed_time(None)
                .build(),
        }
    }
}

impl Reconnect {
    /// How long to wait before the next attempt.
    pub fn delay(&mut self) -> Duration {
        self.delays.next_backoff().unwrap_or(LONGEST)
    }
}

/// Repeats `work` until it succeeds, saying in the part's readiness and the log what is
/// wrong meanwhile. None if it fails once `stop` is cancelled; work under way is not cut off.
pub async fn until_ok<T, E: Display, Fut: Future<Output = Result<T, E>>>(
    part: &Part,
    stop: &CancellationToken,
    work: impl FnMut() -> Fut,
) -> Option<T> {
    // No error is final, so whatever comes is the value.
    until_final(part, stop, |_| true, work).await?.ok()
}

/// As [`until_ok`], but gives back an error that is not temporary: the server is there,
/// and repeating would not change its mind.
pub async fn until_final<T, E: Display, Fut: Future<Output = Result<T, E>>>(
    part: &Part,
    stop: &CancellationToken,
    is_temporary: impl Fn(&E) -> bool,
    mut work: impl FnMut() -> Fut,
) -> Option<Result<T, E>> {
    let mut reconnect = Reconnect::default();
    loop {
        match work().await {
            Err(error) if is_temporary(&error) => part.down(error),
            value_or_refusal => {
                part.up();
                return Some(value_or_refusal);
            }
        }
        tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(reconnect.delay()) => {}
        }
    }
}
