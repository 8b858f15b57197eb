//! Where jobs wait for a place in their destination's lane, without an attempt slot, so that
//! nobody waits for them.

use std::collections::VecDeque;
use std::collections::btree_map::{BTreeMap, Entry};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use proto_events::DestinationId;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::lanes::{Lanes, Occupied};

/// What tokio's timer tells apart.
const TICK: Duration = Duration::from_millis(1);

/// Who waits, by destination and in order.
pub(crate) struct WaitingRoom<T> {
    queues: Mutex<Queues<T>>,
    /// Told when somebody comes.
    came: Notify,
}

struct Queues<T> {
    by_destination: BTreeMap<DestinationId, VecDeque<T>>,
    /// Whose queue was let in last when there was not room for all: the next one begins.
    last: DestinationId,
}

impl<T> Queues<T> {
    /// The destinations, from the one after the last on.
    fn in_turn(&self) -> Vec<DestinationId> {
        let after = (Bound::Excluded(self.last), Bound::Unbounded);
        let after = self.by_destination.range(after);
        let before = self.by_destination.range(..=self.last);
        after.chain(before).map(|(id, _)| *id).collect()
    }
}

impl<T> Default for WaitingRoom<T> {
    fn default() -> Self {
        let queues = Queues {
            by_destination: BTreeMap::new(),
            last: DestinationId::MIN,
        };
        Self {
            queues: Mutex::new(queues),
            came: Notify::new(),
        }
    }
}

impl<T> WaitingRoom<T> {
    /// Gives a newcomer a place in its destination's lane, if there is one and nobody waits for
    /// it; else the newcomer waits behind the others.
    pub(crate) fn enter(
        &self,
        lanes: &Arc<Lanes>,
        destination: DestinationId,
        newcomer: T,
    ) -> Option<(T, Occupied)> {
        match self.queues().by_destination.entry(destination) {
            Entry::Occupied(mut others) => others.get_mut().push_back(newcomer),
            Entry::Vacant(nobody) => match lanes.enter(destination) {
                Some(place) => return Some((newcomer, place)),
                None => {
                    nobody.insert(VecDeque::from([newcomer]));
                }
            },
        }
        self.came.notify_one();
        None
    }

    /// Until somebody comes who has to wait.
    pub(crate) async fn came(&self) {
        self.came.notified().await;
    }

    /// Whether anybody who waits would find a place.
    pub(crate) fn has_room(&self, lanes: &Lanes) -> bool {
        self.gathering(lanes).is_some()
    }

    /// For how long places that are free wait for others, so that more are let in together; none
    /// if nobody who waits would find a place.
    fn gathering(&self, lanes: &Lanes) -> Option<Duration> {
        let queues = self.queues();
        let destinations = queues.by_destination.keys();
        destinations
            .filter(|destination| lanes.has_room(**destination))
            .map(|destination| lanes.gathering(*destination))
            .min()
    }

    /// Until places that are free have waited for others long enough, each for what is usual in its lane.
    pub(crate) async fn gather(&self, lanes: &Lanes) {
        let mut ends = None;
        loop {
            // Before the look, so that no lane gets room unseen.
            let moved = lanes.moved();
            let now = Instant::now();
            let Some(gathering) = self.gathering(lanes) else {
                return;
            };
            let until = ends.map_or(now + gathering, |ends: Instant| ends.min(now + gathering));
            ends = Some(until);
            // A shorter sleep would take until the timer's next tick all the same.
            if until < now + TICK {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(until) => return,
                () = moved => {}
            }
        }
    }

    /// Those who find a place, each with it, at most so many.
    pub(crate) fn admit(&self, lanes: &Arc<Lanes>, most: usize) -> Vec<(T, Occupied)> {
        let mut admitted = Vec::new();
        let mut queues = self.queues();
        for destination in queues.in_turn() {
            let Entry::Occupied(mut queue) = queues.by_destination.entry(destination) else {
                continue;
            };
            while admitted.len() < most && !queue.get().is_empty() {
                let Some(place) = lanes.enter(destination) else {
                    break;
                };
                admitted.extend(queue.get_mut().pop_front().map(|first| (first, place)));
            }
            if queue.get().is_empty() {
                queue.remove();
            }
            if admitted.len() == most {
                queues.last = destination;
                break;
            }
        }
        admitted
    }

    /// Those whose lane stands still: they do not wait here any longer.
    pub(crate) fn leave(&self, lanes: &Lanes) -> Vec<T> {
        let mut left = Vec::new();
        let now = Instant::now();
        let mut queues = self.queues();
        queues.by_destination.retain(|destination, queue| {
            let stands = !lanes.has_room(*destination)
                && lanes
                    .still_at(*destination)
                    .is_some_and(|still| still <= now);
            if stands {
                left.extend(queue.drain(..));
            }
            !stands
        });
        left
    }

    /// When the next lane that somebody waits for will stand still, if none moves.
    pub(crate) fn patience(&self, lanes: &Lanes) -> Option<Instant> {
        let queues = self.queues();
        let destinations = queues.by_destination.keys();
        destinations
            .filter_map(|destination| lanes.still_at(*destination))
            .min()
    }

    fn queues(&self) -> MutexGuard<'_, Queues<T>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const SLOW: DestinationId = 1;
    const OTHER: DestinationId = 2;

    /// Lanes where nobody finds a place before [`SLOW`], and who is in its lane.
    fn full() -> (Arc<Lanes>, Vec<Occupied>) {
        let lanes = Lanes::new(8);
        let mut held: Vec<_> = std::iter::from_fn(|| lanes.enter(SLOW)).collect();
        held.iter_mut().for_each(Occupied::attempting);
        (lanes, held)
    }

    fn admitted(room: &WaitingRoom<i64>, lanes: &Arc<Lanes>, most: usize) -> Vec<i64> {
        let admitted = room.admit(lanes, most);
        admitted.into_iter().map(|(who, _)| who).collect()
    }

    #[test]
    fn who_waits_is_let_in_in_the_order_of_coming_and_before_newcomers() {
        let room = WaitingRoom::default();
        let (lanes, mut held) = full();
        assert!(room.enter(&lanes, SLOW, 1).is_none());
        assert!(room.enter(&lanes, OTHER, 9).is_some(), "its lane is free");
        assert_eq!(room.gathering(&lanes), None);
        held.truncate(1);
        assert!(
            room.enter(&lanes, SLOW, 2).is_none(),
            "others wait before it"
        );
        assert_eq!(room.gathering(&lanes), Some(Duration::ZERO));
        assert_eq!(admitted(&room, &lanes, 1), [1]);
        assert_eq!(admitted(&room, &lanes, 9), [2]);
        assert!(
            room.enter(&lanes, SLOW, 3).is_some(),
            "nobody waits any more"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_before_a_lane_that_stands_still_leaves() {
        let room = WaitingRoom::default();
        let (lanes, mut held) = full();
        for who in [1, 2] {
            assert!(room.enter(&lanes, SLOW, who).is_none());
        }
        let patience = room.patience(&lanes).unwrap();
        assert!(room.leave(&lanes).is_empty());
        tokio::time::advance(patience - Instant::now()).await;
        assert_eq!(room.leave(&lanes), [1, 2]);
        assert!(room.patience(&lanes).is_none(), "nobody waits");
        assert!(room.enter(&lanes, SLOW, 3).is_none());
        held.pop();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(room.leave(&lanes).is_empty(), "there is a place now");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_before_a_receiver_that_first_answers_after_tens_of_milliseconds_stays() {
        let room = WaitingRoom::default();
        let (lanes, mut held) = full();
        assert!(room.enter(&lanes, SLOW, 1).is_none());
        tokio::time::advance(Duration::from_millis(80)).await;
        assert!(room.leave(&lanes).is_empty());
        held.pop().unwrap().attempted();
        assert_eq!(admitted(&room, &lanes, 9), [1]);
    }

    #[test]
    fn where_places_are_few_the_destinations_take_turns() {
        let room = WaitingRoom::default();
        let lanes = Lanes::new(64);
        let held = [1, 2, 3].map(|destination| {
            let full: Vec<_> = std::iter::from_fn(|| lanes.enter(destination)).collect();
            for who in 0..2 {
                let waits = room.enter(&lanes, destination, destination * 10 + who);
                assert!(waits.is_none());
            }
            full
        });
        drop(held);
        let order: Vec<_> = (0..6).flat_map(|_| admitted(&room, &lanes, 1)).collect();
        assert_eq!(order, [10, 20, 30, 11, 21, 31]);
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_gathered_for_what_is_usual_in_the_quickest_lane_that_has_room() {
        let room = WaitingRoom::default();
        let lanes = Lanes::new(16);
        for (destination, took) in [(SLOW, 1000), (OTHER, 64)] {
            let mut place = lanes.enter(destination).unwrap();
            place.attempting();
            tokio::time::advance(Duration::from_millis(took)).await;
            place.attempted();
        }
        // The last three keep half of all places, so that nobody has more than a share.
        let [slow, other, _three @ ..] = [SLOW, OTHER, 3, 4, 5]
            .map(|destination| Vec::from_iter(std::iter::from_fn(|| lanes.enter(destination))));
        for destination in [SLOW, OTHER] {
            assert!(room.enter(&lanes, destination, destination).is_none());
        }
        drop(slow);
        let began = Instant::now();
        let gathered = async {
            room.gather(&lanes).await;
            began.elapsed()
        };
        assert_eq!(gathered.await, Duration::from_millis(4));
        let began = Instant::now();
        let moves = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            drop(other);
        };
        tokio::join!(room.gather(&lanes), moves);
        assert_eq!(began.elapsed(), Duration::from_millis(3));
    }

    #[test]
    fn whoever_lets_in_hears_of_those_who_come() {
        let room = WaitingRoom::default();
        let (lanes, _held) = full();
        assert!(room.enter(&lanes, SLOW, 1).is_none());
        assert!(room.came().now_or_never().is_some());
    }
}
