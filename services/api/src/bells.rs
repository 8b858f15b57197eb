//! Open bells: how the alerts of those who have a page open stand, kept in step with the database
//! for all of them together.
//!
//! One connection listens to whose alerts became more or fewer, and one statement reads how those
//! of them stand who have a bell here, however many streams show it.

mod keeper;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use prometheus::IntGauge;
use store::browse::AlertCount;
use tokio::sync::{Notify, watch};

/// How many streams a person may have open here. A browser has one.
const STREAMS: usize = 32;

/// How somebody's alerts stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How many there are.
    pub(crate) count: i64,
    newest: Option<DateTime<Utc>>,
}

impl Standing {
    /// A text that is another one whenever alerts came or went, and the same one on every replica.
    pub(crate) fn id(&self) -> String {
        let newest = self.newest.map_or(0, |at| at.timestamp_micros());
        format!("{}-{newest}", self.count)
    }
}

impl From<&AlertCount> for Standing {
    fn from(found: &AlertCount) -> Self {
        Self {
            count: found.count,
            newest: Some(found.newest),
        }
    }
}

/// The bells that are open at this replica. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Bells(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    people: Mutex<HashMap<i64, Person>>,
    /// Somebody is due.
    due: Notify,
    open: IntGauge,
}

/// Somebody who has a bell open.
#[derive(Debug)]
struct Person {
    streams: usize,
    /// Whether it is to be read how their alerts stand.
    is_due: bool,
    /// None until that was read once.
    standing: watch::Sender<Option<Standing>>,
}

impl Bells {
    /// None yet; the gauge says how many streams are open.
    pub(crate) fn new(open: IntGauge) -> Self {
        Self(Arc::new(Parts {
            people: Mutex::default(),
            due: Notify::new(),
            open,
        }))
    }

    /// Opens a bell of somebody; none if they have too many open.
    pub(crate) fn open(&self, user: i64) -> Option<Bell> {
        let mut people = self.people();
        let person = people.entry(user).or_insert_with(|| {
            self.0.due.notify_one();
            Person {
                streams: 0,
                is_due: true,
                standing: watch::Sender::new(None),
            }
        });
        if person.streams == STREAMS {
            return None;
        }
        person.streams += 1;
        self.0.open.inc();
        let mut standing = person.standing.subscribe();
        standing.mark_changed();
        Some(Bell {
            bells: self.clone(),
            user,
            standing,
        })
    }

    fn people(&self) -> MutexGuard<'_, HashMap<i64, Person>> {
        let people = self.0.people.lock();
        people.unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open bell.
#[derive(Debug)]
pub(crate) struct Bell {
    bells: Bells,
    user: i64,
    standing: watch::Receiver<Option<Standing>>,
}

impl Bell {
    /// Waits until it stands otherwise than it was last told, if only for a moment, and tells how.
    pub(crate) async fn rung(&mut self) -> Standing {
        loop {
            if self.standing.changed().await.is_err() {
                // Its person is dropped with the last bell only.
                std::future::pending::<()>().await;
            }
            if let Some(standing) = *self.standing.borrow_and_update() {
                return standing;
            }
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.bells.0.open.dec();
        let mut people = self.bells.people();
        if let Some(person) = people.get_mut(&self.user) {
            person.streams -= 1;
            if person.streams == 0 {
                people.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::poll;

    use super::*;

    fn bells() -> Bells {
        Bells::new(IntGauge::new("open", "open").unwrap())
    }

    fn standing(count: i64) -> Standing {
        Standing {
            count,
            newest: DateTime::from_timestamp(count, 0),
        }
    }

    #[tokio::test]
    async fn whoever_opens_a_bell_is_read_once_and_each_of_their_streams_told() {
        let bells = bells();
        let mut one = bells.open(7).unwrap();
        assert!(poll!(pin!(one.rung())).is_pending());
        assert_eq!(bells.take_due(), [7]);
        bells.tell(7, standing(3));
        assert_eq!(one.rung().await, standing(3));
        // What is known need not be read again for another stream.
        let mut other = bells.open(7).unwrap();
        assert_eq!(other.rung().await, standing(3));
        assert_eq!(bells.take_due(), [0; 0]);
        bells.tell(7, standing(3));
        assert!(poll!(pin!(one.rung())).is_pending());
        bells.tell(7, standing(4));
        assert_eq!(
            (one.rung().await, other.rung().await),
            (standing(4), standing(4))
        );
    }

    #[test]
    fn only_whoever_has_a_bell_open_is_read() {
        let bells = bells();
        let open = [bells.open(1).unwrap(), bells.open(2).unwrap()];
        bells.take_due();
        bells.ring(&store::Whose::Theirs(vec![2, 3]));
        assert_eq!(bells.take_due(), [2]);
        bells.ring(&store::Whose::Anybodys);
        let mut due = bells.take_due();
        due.sort_unstable();
        assert_eq!(due, [1, 2]);
        drop(open);
        bells.ring(&store::Whose::Anybodys);
        assert_eq!(bells.take_due(), [0; 0]);
        assert_eq!(bells.0.open.get(), 0);
    }

    #[test]
    fn nobody_opens_bells_without_end() {
        let bells = bells();
        let open: Vec<_> = (0..STREAMS).map(|_| bells.open(1).unwrap()).collect();
        assert!(bells.open(1).is_none());
        assert!(bells.open(2).is_some());
        drop(open);
        assert!(bells.open(1).is_some());
    }
}
