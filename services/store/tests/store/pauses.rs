use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use proto_events::{Reason, Service};
use store::{Pause, Settlement, Slots, Store};

use crate::support::scratch;

const SECOND: Duration = Duration::from_secs(1);

async fn pause(store: &Store, service: Service, destination: Option<i64>, seconds: i64) {
    let pause = Pause {
        service,
        destination,
        until: Utc::now() + TimeDelta::seconds(seconds),
        reason: Reason::RateLimited,
    };
    let settlement = Settlement {
        pauses: vec![pause],
        ..Settlement::default()
    };
    store.settle(&settlement).await.unwrap();
}

/// For how much longer each of destinations 1 and 2 is left alone.
async fn left_alone(store: &Store, service: Service) -> [Option<TimeDelta>; 2] {
    let pauses = store.surroundings(service, &[1, 2]).await.unwrap().pauses;
    [1, 2].map(|id| Some(*pauses.get(&id)? - Utc::now()))
}

/// Whether that is as long as it should be. A range, since time passes meanwhile.
fn lasts(left: Option<TimeDelta>, seconds: RangeInclusive<i64>) -> bool {
    let (least, most) = seconds.into_inner();
    left.is_some_and(|left| (TimeDelta::seconds(least)..=TimeDelta::seconds(most)).contains(&left))
}

#[tokio::test]
async fn a_pause_is_one_destination_s_or_the_whole_service_s_and_the_longest_counts() {
    let scratch = scratch().await;
    let store = scratch.store();
    pause(store, Service::TeamsSender, Some(1), 100).await;
    let [one, other] = left_alone(store, Service::TeamsSender).await;
    assert!(lasts(one, 90..=100) && other.is_none(), "{one:?} {other:?}");
    assert_eq!(left_alone(store, Service::SlackSender).await, [None, None]);
    pause(store, Service::TeamsSender, None, 300).await;
    pause(store, Service::TeamsSender, None, 200).await;
    for left in left_alone(store, Service::TeamsSender).await {
        assert!(lasts(left, 290..=300), "{left:?}");
    }
}

#[tokio::test]
async fn a_pause_that_is_over_holds_nobody() {
    let scratch = scratch().await;
    let store = scratch.store();
    pause(store, Service::TeamsSender, Some(1), -1).await;
    assert_eq!(left_alone(store, Service::TeamsSender).await, [None, None]);
}

async fn reserve(store: &Store, wanted: &[(i64, usize)]) -> HashMap<i64, Slots> {
    let wanted = wanted.iter().copied().collect();
    let slots = store.reserve_slots(&wanted, SECOND, 2 * SECOND).await;
    slots.unwrap()
}

#[tokio::test]
async fn attempts_are_reserved_as_far_as_they_come_soon_and_each_destination_for_itself() {
    let scratch = scratch().await;
    let store = scratch.store();
    let first = reserve(store, &[(1, 5), (2, 1)]).await;
    // At once, in one second, in two; and those of the other destination.
    assert_eq!((first[&1].granted, first[&2].granted), (3, 1));
    assert!(first[&1].wait < SECOND && first[&2].wait < SECOND);
    assert!(first[&1].next > 2 * SECOND, "{first:?}");
    let second = reserve(store, &[(1, 1), (2, 1)]).await;
    assert!(second[&1].granted <= 1 && second[&2].granted == 1);
    let third = reserve(store, &[(1, 1)]).await;
    assert!(third[&1].next >= second[&1].next - SECOND, "{third:?}");
}

#[tokio::test]
async fn no_attempt_is_reserved_twice_by_many_who_ask_at_once() {
    let scratch = scratch().await;
    let store = scratch.store();
    let hour = 3600 * SECOND;
    let asked = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let wanted = HashMap::from([(1, 10), (2, 10)]);
            store.reserve_slots(&wanted, 60 * SECOND, hour).await
        })
    });
    let mut granted = HashMap::from([(1, 0), (2, 0)]);
    for task in asked.collect::<Vec<_>>() {
        for (id, slots) in task.await.unwrap().unwrap() {
            *granted.get_mut(&id).unwrap() += slots.granted;
        }
    }
    // One a minute within an hour, both ends counted.
    assert_eq!(granted, HashMap::from([(1, 61), (2, 61)]));
}

#[tokio::test]
async fn a_person_s_hold_leaves_every_destination_of_a_service_alone_until_it_ends() {
    let scratch = scratch().await;
    let store = scratch.store();
    assert!(
        store
            .hold_service(Service::SlackSender, "tonight")
            .await
            .unwrap()
    );
    assert!(
        !store
            .hold_service(Service::SlackSender, "tomorrow")
            .await
            .unwrap()
    );
    for left in left_alone(store, Service::SlackSender).await {
        // Counted from each look anew, so that the hold's end is noticed soon.
        let left = left.unwrap();
        assert!(
            TimeDelta::zero() < left && left <= TimeDelta::seconds(5),
            "{left}"
        );
    }
    assert_eq!(left_alone(store, Service::TeamsSender).await, [None, None]);
    let holds = store.holds().await.unwrap();
    assert_eq!(holds.len(), 1);
    assert_eq!(holds[0].note, "tomorrow");
    assert!(store.release_service(Service::SlackSender).await.unwrap());
    assert!(!store.release_service(Service::SlackSender).await.unwrap());
    assert_eq!(left_alone(store, Service::SlackSender).await, [None, None]);
}
