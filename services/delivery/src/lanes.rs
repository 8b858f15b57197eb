//! How many attempts are under way at each destination, so that one that is slow leaves
//! attempt slots to the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use proto_events::DestinationId;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

/// What part of all attempt slots a destination may use when they are scarce: 1/8.
const SHARE: u32 = 8;

/// For how long a lane that is full may stand still before what waits for it goes to the line,
/// while no attempt there has ended yet. Whoever waits keeps the broker from handing out more; but
/// most receivers on the internet need some tens of milliseconds for their first answer.
const STILL: Duration = Duration::from_millis(100);

/// Once attempts have ended there, it may stand still for twice as long as they usually took,
/// but for no less than this and no more than that.
const STILL_AT_LEAST: Duration = Duration::from_millis(50);
const STILL_AT_MOST: Duration = Duration::from_millis(500);

/// The part of an attempt's usual time for which one place that became free waits for others, since
/// a claim of several costs hardly more than a claim of one; but for no more than this.
const GATHERING: u32 = 32;
const GATHERING_AT_MOST: Duration = Duration::from_millis(4);

/// The lanes of a sender's destinations.
pub(crate) struct Lanes {
    slots: u32,
    state: Mutex<State>,
    /// Told whenever an attempt begins or ends.
    moved: Notify,
}

#[derive(Default)]
struct State {
    busy: u32,
    lanes: HashMap<DestinationId, Lane>,
}

/// One destination's lane.
#[derive(Clone, Copy)]
struct Lane {
    busy: u32,
    /// How many of these are attempts already; the others are being claimed.
    attempts: u32,
    /// When an attempt ended last, or the first one of several began.
    moved: Instant,
    /// How long an attempt took lately.
    usual: Option<Duration>,
}

/// A place in a lane, left when it is dropped.
pub(crate) struct Occupied {
    lanes: Arc<Lanes>,
    destination: DestinationId,
    /// Since when there is an attempt; none before it begins.
    since: Option<Instant>,
}

impl Lanes {
    pub(crate) fn new(slots: u32) -> Arc<Self> {
        Arc::new(Self {
            slots,
            state: Mutex::default(),
            moved: Notify::new(),
        })
    }

    /// A place in a destination's lane, if it may use one more attempt slot: more than its
    /// share only while at least half of all are free.
    pub(crate) fn enter(self: &Arc<Self>, destination: DestinationId) -> Option<Occupied> {
        let mut state = self.state();
        let admitted = self.admits(&state, destination);
        admitted.then(|| self.occupy(&mut state, destination))
    }

    fn admits(&self, state: &State, destination: DestinationId) -> bool {
        let busy = state.lanes.get(&destination).map_or(0, |lane| lane.busy);
        busy < self.share() || state.busy < self.slots / 2
    }

    /// A place for a job from the destination's line, which itself keeps to the share.
    pub(crate) fn enter_from_line(self: &Arc<Self>, destination: DestinationId) -> Occupied {
        self.occupy(&mut self.state(), destination)
    }

    /// How many attempt slots a destination may use when they are scarce.
    pub(crate) fn share(&self) -> u32 {
        (self.slots / SHARE).max(1)
    }

    /// Until an attempt begins or ends; what happens after the call counts.
    pub(crate) fn moved(&self) -> Notified<'_> {
        self.moved.notified()
    }

    /// Whether [`Lanes::enter`] would give a place now.
    pub(crate) fn has_room(&self, destination: DestinationId) -> bool {
        self.admits(&self.state(), destination)
    }

    /// When a lane will have stood still for too long to be waited for; none while somebody in
    /// it is being claimed, which is no fault of the destination's.
    pub(crate) fn still_at(&self, destination: DestinationId) -> Option<Instant> {
        let state = self.state();
        let Some(lane) = state.lanes.get(&destination) else {
            return Some(Instant::now());
        };
        if lane.attempts < lane.busy {
            return None;
        }
        let patience = lane.usual.map_or(STILL, |usual| {
            (usual * 2).clamp(STILL_AT_LEAST, STILL_AT_MOST)
        });
        Some(lane.moved + patience)
    }

    /// For how long a place that became free waits for others.
    pub(crate) fn gathering(&self, destination: DestinationId) -> Duration {
        let state = self.state();
        let usual = state.lanes.get(&destination).and_then(|lane| lane.usual);
        (usual.unwrap_or_default() / GATHERING).min(GATHERING_AT_MOST)
    }

    fn occupy(self: &Arc<Self>, state: &mut State, destination: DestinationId) -> Occupied {
        state.busy += 1;
        let lane = state.lanes.entry(destination).or_insert(Lane {
            busy: 0,
            attempts: 0,
            moved: Instant::now(),
            usual: None,
        });
        lane.busy += 1;
        Occupied {
            lanes: Arc::clone(self),
            destination,
            since: None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Occupied {
    /// Notes that the attempt begins.
    pub(crate) fn attempting(&mut self) {
        let now = Instant::now();
        let mut state = self.lanes.state();
        if let Some(lane) = state.lanes.get_mut(&self.destination) {
            if lane.attempts == 0 {
                lane.moved = now;
            }
            lane.attempts += 1;
            self.since = Some(now);
        }
        drop(state);
        self.lanes.moved.notify_waiters();
    }

    /// Leaves the lane after an attempt, whose time tells what is usual there.
    pub(crate) fn attempted(self) {
        let mut state = self.lanes.state();
        if let (Some(since), Some(lane)) = (self.since, state.lanes.get_mut(&self.destination)) {
            let took = since.elapsed();
            lane.usual = Some(lane.usual.map_or(took, |usual| (usual * 3 + took) / 4));
            lane.moved = Instant::now();
        }
    }
}

impl Drop for Occupied {
    fn drop(&mut self) {
        let mut state = self.lanes.state();
        state.busy -= 1;
        if let Some(lane) = state.lanes.get_mut(&self.destination) {
            lane.busy -= 1;
            lane.attempts -= u32::from(self.since.is_some());
        }
        drop(state);
        self.lanes.moved.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const SLOW: DestinationId = 1;
    const OTHER: DestinationId = 2;

    fn fill(lanes: &Arc<Lanes>, destination: DestinationId) -> Vec<Occupied> {
        let mut held: Vec<_> = std::iter::from_fn(|| lanes.enter(destination)).collect();
        held.iter_mut().for_each(Occupied::attempting);
        held
    }

    #[test]
    fn a_lone_destination_may_use_half_of_all_slots_and_leaves_the_other_half() {
        let lanes = Lanes::new(64);
        let held = fill(&lanes, SLOW);
        assert_eq!(held.len(), 32);
        assert_eq!(fill(&lanes, OTHER).len(), 8, "another one its share");
    }

    #[test]
    fn whoever_has_more_than_a_share_gets_no_more_while_others_are_busy() {
        let lanes = Lanes::new(64);
        let mut held = fill(&lanes, SLOW);
        held.truncate(8);
        let _others: Vec<_> = (10..40)
            .filter_map(|destination| lanes.enter(destination))
            .collect();
        assert!(lanes.enter(SLOW).is_none());
        assert!(lanes.enter(OTHER).is_some());
    }

    #[test]
    fn a_place_is_free_again_once_it_is_left() {
        let lanes = Lanes::new(2);
        let held = lanes.enter(SLOW).unwrap();
        assert!(lanes.enter(SLOW).is_none());
        held.attempted();
        assert!(lanes.enter(SLOW).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_stands_still_once_none_of_its_attempts_ended_for_a_while() {
        let lanes = Lanes::new(8);
        let _held = fill(&lanes, SLOW);
        assert_eq!(lanes.still_at(SLOW), Some(Instant::now() + STILL));
        assert_eq!(
            lanes.still_at(OTHER),
            Some(Instant::now()),
            "nobody is there"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_stands_still_after_twice_as_long_as_its_attempts_usually_take() {
        let lanes = Lanes::new(8);
        let mut first = lanes.enter(SLOW).unwrap();
        first.attempting();
        tokio::time::advance(Duration::from_millis(150)).await;
        first.attempted();
        let _held = fill(&lanes, SLOW);
        let patience = Duration::from_millis(300);
        assert_eq!(lanes.still_at(SLOW), Some(Instant::now() + patience));
    }

    #[tokio::test(start_paused = true)]
    async fn a_free_place_waits_for_others_for_a_part_of_what_attempts_usually_take() {
        let lanes = Lanes::new(8);
        for (destination, took, gathering) in [(SLOW, 64, 2), (OTHER, 1000, 4)] {
            let mut place = lanes.enter(destination).unwrap();
            assert_eq!(
                lanes.gathering(destination),
                Duration::ZERO,
                "nothing is usual yet"
            );
            place.attempting();
            tokio::time::advance(Duration::from_millis(took)).await;
            place.attempted();
            assert_eq!(
                lanes.gathering(destination),
                Duration::from_millis(gathering)
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_does_not_stand_still_while_somebody_in_it_is_being_claimed() {
        let lanes = Lanes::new(8);
        let mut held: Vec<_> = std::iter::from_fn(|| lanes.enter(SLOW)).collect();
        tokio::time::advance(STILL * 10).await;
        assert_eq!(lanes.still_at(SLOW), None);
        held.iter_mut().for_each(Occupied::attempting);
        assert_eq!(lanes.still_at(SLOW), Some(Instant::now() + STILL));
    }

    #[test]
    fn whoever_waits_hears_of_an_attempt_that_ends() {
        let lanes = Lanes::new(8);
        let mut held = fill(&lanes, SLOW);
        let moved = lanes.moved();
        assert!(!lanes.has_room(SLOW));
        held.pop().unwrap().attempted();
        assert!(moved.now_or_never().is_some());
        assert!(lanes.has_room(SLOW) && lanes.enter(SLOW).is_some());
    }
}
