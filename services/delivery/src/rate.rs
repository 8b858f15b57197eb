//! How often a destination is tried, over all replicas.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use proto_events::DestinationId;
use store::{Slots, Store, StoreError};

/// How long a job with a reserved attempt may hold its attempt slot before it. What comes later
/// waits in its destination's line, where it holds none.
const HORIZON: Duration = Duration::from_secs(2);

/// What a destination's rate says to one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Its attempt is made after this wait.
    After(Duration),
    /// Its turn is too far off: it waits in line until then.
    Park(DateTime<Utc>),
}

/// Reserves attempts at destinations, one for each time that one is named; the answers stand in
/// the order of the destinations. Without an interval nothing is reserved and nobody waits.
pub(crate) async fn reserve(
    store: &Store,
    interval: Option<Duration>,
    destinations: &[Option<DestinationId>],
) -> Result<Vec<Pace>, StoreError> {
    let mut wanted = HashMap::new();
    for destination in destinations.iter().flatten() {
        *wanted.entry(*destination).or_default() += 1;
    }
    let Some(interval) = interval.filter(|_| !wanted.is_empty()) else {
        return Ok(vec![Pace::After(Duration::ZERO); destinations.len()]);
    };
    let slots = store.reserve_slots(&wanted, interval, HORIZON).await?;
    Ok(spread(&slots, interval, destinations, Utc::now()))
}

/// Gives the reserved attempts to jobs, in their order.
fn spread(
    slots: &HashMap<DestinationId, Slots>,
    interval: Duration,
    destinations: &[Option<DestinationId>],
    now: DateTime<Utc>,
) -> Vec<Pace> {
    let mut used: HashMap<DestinationId, u32> = HashMap::new();
    let pace = |destination: &Option<DestinationId>| {
        let Some((id, slots)) = destination.and_then(|id| Some((id, slots.get(&id)?))) else {
            return Pace::After(Duration::ZERO);
        };
        let used = used.entry(id).or_default();
        if (*used as usize) < slots.granted {
            let wait = slots.wait + interval * *used;
            *used += 1;
            Pace::After(wait)
        } else {
            Pace::Park(now + slots.next)
        }
    };
    destinations.iter().map(pace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_attempts_go_to_the_first_jobs_of_each_destination_and_the_rest_wait_in_line() {
        let second = Duration::from_secs(1);
        let slots = Slots {
            wait: Duration::from_millis(500),
            granted: 2,
            next: Duration::from_millis(2500),
        };
        let now = DateTime::UNIX_EPOCH;
        let jobs = [Some(7), None, Some(7), Some(7), Some(8)];
        let paces = spread(&HashMap::from([(7, slots)]), second, &jobs, now);
        assert_eq!(
            paces,
            [
                Pace::After(Duration::from_millis(500)),
                Pace::After(Duration::ZERO),
                Pace::After(Duration::from_millis(1500)),
                Pace::Park(now + slots.next),
                Pace::After(Duration::ZERO),
            ]
        );
    }
}
