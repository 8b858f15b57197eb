//! How soon clients are at work again.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::client::Client;

/// How long each side took from a certain moment on until it was at work again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Back {
    pub(super) publish: Duration,
    pub(super) consume: Duration,
}

/// Waits until all of them are back.
pub(super) async fn all_back(clients: &[Client], since: Instant) -> Vec<Back> {
    join_all(clients.iter().map(|client| client.back(since))).await
}

/// How long clients took, for people.
pub(super) struct Summary {
    publish: Vec<Duration>,
    consume: Vec<Duration>,
}

impl Summary {
    pub(super) fn of(backs: &[Back]) -> Self {
        let sorted = |side: fn(&Back) -> Duration| {
            let mut times: Vec<Duration> = backs.iter().map(side).collect();
            times.sort();
            times
        };
        Self {
            publish: sorted(|back| back.publish),
            consume: sorted(|back| back.consume),
        }
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = |times: &[Duration], index: usize| times[index].as_secs_f64();
        write!(f, "back ")?;
        for (side, times) in [
            ("publishing", &self.publish),
            (", consuming", &self.consume),
        ] {
            let (median, slowest) = (
                seconds(times, times.len() / 2),
                seconds(times, times.len() - 1),
            );
            write!(
                f,
                "{side} after {median:.1} s (median), {slowest:.1} s (slowest)"
            )?;
        }
        Ok(())
    }
}
