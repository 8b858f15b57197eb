//! How often an address may be wrong before it is told to wait. Behind an ingress many people share one,
//! so that what somebody else got wrong keeps nobody out who shows a right token: those have 160 random
//! bits, and no number of tries finds one. Whoever tries learns that it is seen. Each replica counts for
//! itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures that an address has free.
const FREE: u32 = 10;

/// After how long they are forgotten.
const WINDOW: Duration = Duration::from_secs(60);

/// Addresses that are remembered; where there would be more, those whose window is over are forgotten,
/// and all of them where that makes no room.
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
    /// Notes that an address was wrong, and says whether it was so too often.
    pub(crate) fn failed(&self, address: IpAddr, now: Instant) -> bool {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= ADDRESSES && !failures.contains_key(&address) {
            failures.retain(|_, failed| !failed.is_over(now));
            if failures.len() >= ADDRESSES {
                failures.clear();
            }
        }
        let fresh = || Failures {
            count: 0,
            since: now,
        };
        let failed = failures.entry(address).or_insert_with(fresh);
        if failed.is_over(now) {
            *failed = fresh();
        }
        failed.count = failed.count.saturating_add(1);
        failed.count > FREE
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
            assert!(!attempts.failed(one, begun));
        }
        assert!(attempts.failed(one, begun + WINDOW - Duration::from_secs(1)));
        assert!(!attempts.failed(other, begun));
        assert!(!attempts.failed(one, begun + WINDOW));
        assert!(!attempts.failed(one, begun + WINDOW));
    }

    #[test]
    fn no_number_of_addresses_that_are_wrong_is_remembered_beyond_bounds() {
        let (attempts, begun) = (Attempts::default(), Instant::now());
        let most = u32::try_from(ADDRESSES).unwrap_or(u32::MAX);
        for number in 0..most + 2 {
            let address = IpAddr::from(number.to_be_bytes());
            assert!(!attempts.failed(address, begun));
        }
        let failures = attempts.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(failures.len(), 2);
    }
}
