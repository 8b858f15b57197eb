//! How often an address may be wrong before it must wait. Each replica counts for itself: a token
//! has 160 random bits, so this spares the database, and tells whoever tries that it is seen.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures that an address has free.
const FREE: u32 = 10;

/// After how long they are forgotten.
const WINDOW: Duration = Duration::from_secs(60);

/// Addresses that are remembered; beyond, those whose window is over are forgotten first.
const ADDRESSES: usize = 10_000;

/// Failures by address.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<IpAddr, Failures>>);

#[derive(Debug)]
struct Failures {
    count: u32,
    since: Instant,
}

impl Failures {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.since) >= WINDOW
    }
}

impl Attempts {
    /// Whether an address may try now.
    pub(crate) fn may(&self, address: IpAddr, now: Instant) -> bool {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failures.get(&address);
        failed.is_none_or(|failed| failed.is_over(now) || failed.count < FREE)
    }

    /// Notes that it was wrong.
    pub(crate) fn failed(&self, address: IpAddr, now: Instant) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= ADDRESSES {
            failures.retain(|_, failed| !failed.is_over(now));
        }
        let fresh = || Failures {
            count: 0,
            since: now,
        };
        let failed = failures.entry(address).or_insert_with(fresh);
        if failed.is_over(now) {
            *failed = fresh();
        }
        failed.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_was_wrong_ten_times_waits_a_minute_and_others_do_not() {
        let (attempts, begun) = (Attempts::default(), Instant::now());
        let [one, other] = [[192, 0, 2, 1], [192, 0, 2, 2]].map(IpAddr::from);
        for _ in 0..FREE {
            assert!(attempts.may(one, begun));
            attempts.failed(one, begun);
        }
        assert!(!attempts.may(one, begun + WINDOW - Duration::from_secs(1)));
        assert!(attempts.may(other, begun));
        assert!(attempts.may(one, begun + WINDOW));
        attempts.failed(one, begun + WINDOW);
        assert!(attempts.may(one, begun + WINDOW));
    }
}
