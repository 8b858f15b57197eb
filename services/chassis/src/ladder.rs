//! The retry ladder: fixed delays, one queue each.
//!
//! RabbitMQ drops expired messages only at a queue's head, so messages of different
//! delays need different queues; hence rungs rather than a delay per message.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Time after which a job is given up (48 hours since it was first published).
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(48 * 3600);

/// The rungs of an installation that names no others: from 5 s to 10 h.
const RUNGS: [u32; 8] = [5, 30, 120, 600, 1800, 7200, 18_000, 36_000];

/// The delays of the rungs, ascending, in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    rungs: Vec<u32>,
}

impl Default for Ladder {
    fn default() -> Self {
        Self {
            rungs: RUNGS.into(),
        }
    }
}

/// As [`FromStr`] reads it.
impl fmt::Display for Ladder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rungs: Vec<String> = self.rungs.iter().map(u32::to_string).collect();
        f.write_str(&rungs.join(","))
    }
}

impl FromStr for Ladder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rungs: Vec<u32> = text
            .split(',')
            .map(|rung| {
                rung.trim()
                    .parse()
                    .map_err(|_| format!("\"{rung}\" is no whole number of seconds"))
            })
            .collect::<Result<_, _>>()?;
        let ascending =
            rungs.first().is_some_and(|first| *first > 0) && rungs.is_sorted_by(|a, b| a < b);
        if !ascending {
            return Err("the delays must be above 0 and ascending, e.g. 5,30,120".to_owned());
        }
        Ok(Self { rungs })
    }
}

impl Ladder {
    /// The delays in seconds.
    #[must_use]
    pub fn rungs(&self) -> &[u32] {
        &self.rungs
    }

    /// The rung for what comes after `attempt` (1 = the first attempt has failed): the
    /// smallest that is at least as long as both the attempt's own backoff (the rung of
    /// that number) and what the receiver asked for; the longest if none is. Half of the
    /// copies take the next longer one, so that what failed together does not come back
    /// together.
    #[must_use]
    pub fn rung_after(&self, attempt: u32, asked: Option<Duration>, longer: bool) -> u32 {
        let last = self.rungs.len() - 1;
        let backoff = (attempt.max(1) as usize - 1).min(last);
        let asked = asked.map_or(0, |wait| {
            wait.as_secs()
                .saturating_add(u64::from(wait.subsec_nanos() > 0))
        });
        let fitting = (backoff..=last)
            .find(|&index| u64::from(self.rungs[index]) >= asked)
            .unwrap_or(last);
        self.rungs[(fitting + usize::from(longer)).min(last)]
    }
}
