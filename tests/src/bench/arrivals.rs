//! What arrives at a receiver, for measurements: how much, since when, and what it was.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::sync::watch;

/// What came.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    /// How many messages.
    pub count: usize,
    /// When the first one came.
    pub first: Option<Instant>,
    /// The last one.
    pub last: Vec<u8>,
    /// When which job came first, by its id; only where messages name it.
    pub times: HashMap<String, Instant>,
}

/// Where a receiver writes down what comes.
#[derive(Debug, Default)]
pub struct Inbox {
    arrivals: Mutex<Arrivals>,
    count: watch::Sender<usize>,
}

impl Inbox {
    /// Writes down a message that came at this time.
    pub(super) fn take(&self, at: Instant, job: Option<&str>, message: Vec<u8>) {
        let count = {
            let mut arrivals = self.lock();
            arrivals.count += 1;
            arrivals.first.get_or_insert(at);
            arrivals.last = message;
            if let Some(job) = job {
                arrivals.times.entry(job.to_owned()).or_insert(at);
            }
            arrivals.count
        };
        self.count.send_replace(count);
    }

    /// Forgets what came.
    pub fn forget(&self) {
        *self.lock() = Arrivals::default();
        self.count.send_replace(0);
    }

    /// What came so far.
    #[must_use]
    pub fn arrivals(&self) -> Arrivals {
        self.lock().clone()
    }

    /// Waits until so many messages came.
    ///
    /// # Errors
    /// If they do not come in time.
    pub async fn wait_for(&self, count: usize, within: Duration) -> Result<()> {
        let mut seen = self.count.subscribe();
        let all = tokio::time::timeout(within, seen.wait_for(|seen| *seen >= count)).await;
        if matches!(all.map(|came| came.is_ok()), Ok(true)) {
            return Ok(());
        }
        bail!(
            "{} of {count} messages came, and no more",
            self.lock().count
        );
    }

    fn lock(&self) -> MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
