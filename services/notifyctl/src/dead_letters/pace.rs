//! So many a second, evenly.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Gives turns at a rate; the first at once.
pub(super) struct Pace {
    between: Duration,
    next: Option<Instant>,
}

impl Pace {
    pub(super) fn new(a_second: u32) -> Self {
        Self {
            between: Duration::from_secs(1) / a_second,
            next: None,
        }
    }

    /// Waits for the next turn.
    pub(super) async fn turn(&mut self) {
        sleep_until(self.give(Instant::now())).await;
    }

    /// When it is the turn of whoever asks now. Time that was lost is not made up for: what
    /// was slow is not to be hurried.
    fn give(&mut self, now: Instant) -> Instant {
        let turn = self.next.map_or(now, |next| next.max(now));
        self.next = Some(turn + self.between);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_turns_at_fifty_a_second_take_nine_fiftieths_of_one() {
        let start = Instant::now();
        let mut pace = Pace::new(50);
        let turns: Vec<Duration> = (0..10).map(|_| pace.give(start) - start).collect();
        let expected: Vec<Duration> = (0..10).map(|n| Duration::from_millis(20) * n).collect();
        assert_eq!(turns, expected);
    }

    #[test]
    fn after_a_delay_no_burst_makes_up_for_it() {
        let start = Instant::now();
        let mut pace = Pace::new(50);
        pace.give(start);
        let late = start + Duration::from_secs(1);
        assert_eq!(pace.give(late), late);
        assert_eq!(pace.give(late), late + Duration::from_millis(20));
    }
}
