use std::time::Duration;

use chrono::{TimeDelta, Utc};
use proto_events::{JobId, Service};
use store::{Letter, Parked, Settlement, Store, Taken, Turn};
use uuid::Uuid;

use crate::support::{scratch, sql};

const SERVICE: Service = Service::WebhookSender;
const LEASE: Duration = Duration::from_secs(60);

fn parked(destination: i64, body: &str) -> Parked {
    Parked {
        job: JobId::from(Uuid::new_v4()),
        service: SERVICE,
        destination,
        letter: Letter {
            body: body.as_bytes().to_vec(),
            attempt: 2,
            first_published: Some(5),
            reason: Some("timeout".to_owned()),
            traceparent: None,
        },
        due: None,
    }
}

/// Jobs of one destination whose bodies count from 0.
fn line(destination: i64, length: usize) -> Vec<Parked> {
    (0..length)
        .map(|n| parked(destination, &n.to_string()))
        .collect()
}

async fn park(store: &Store, parked: Vec<Parked>) {
    let settlement = Settlement {
        parked,
        ..Settlement::default()
    };
    store.settle(&settlement).await.unwrap();
}

async fn end(store: &Store, taken: &[Taken], turn: Turn) {
    let settlement = Settlement {
        turns: taken.iter().map(|job| (job.sequence, turn)).collect(),
        ..Settlement::default()
    };
    store.settle(&settlement).await.unwrap();
}

async fn take(store: &Store) -> Vec<Taken> {
    store.take_parked(SERVICE, 256, 32, LEASE).await.unwrap()
}

/// Which of these destinations have a line.
async fn lines(store: &Store, service: Service, destinations: &[i64]) -> Vec<i64> {
    let around = store.surroundings(service, destinations).await.unwrap();
    let mut lines: Vec<i64> = around.lines.into_iter().collect();
    lines.sort_unstable();
    lines
}

fn bodies(taken: &[Taken]) -> Vec<String> {
    taken
        .iter()
        .map(|job| String::from_utf8(job.letter.body.clone()).unwrap())
        .collect()
}

#[tokio::test]
async fn a_line_moves_one_job_at_a_time_in_the_order_of_parking_and_keeps_what_travels_with_it() {
    let scratch = scratch().await;
    let store = scratch.store();
    let jobs = line(7, 3);
    let first = jobs[0].letter.clone();
    park(store, jobs).await;
    let taken = take(store).await;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].letter, first);
    assert_eq!(take(store).await.len(), 0, "the first is still under way");
    end(store, &taken, Turn::Over).await;
    let mut order = Vec::new();
    loop {
        let taken = take(store).await;
        if taken.is_empty() {
            break;
        }
        order.extend(bodies(&taken));
        end(store, &taken, Turn::Over).await;
    }
    assert_eq!(order, ["1", "2"]);
    assert!(lines(store, SERVICE, &[7]).await.is_empty());
}

#[tokio::test]
async fn lines_move_side_by_side_and_a_resting_one_holds_up_no_other() {
    let scratch = scratch().await;
    let store = scratch.store();
    let mut jobs = line(1, 2);
    jobs[0].due = Some(Utc::now() + TimeDelta::hours(1));
    jobs.extend(line(2, 2));
    jobs.extend(line(3, 1));
    park(store, jobs).await;
    let mut taken = bodies(&take(store).await);
    taken.sort();
    assert_eq!(taken, ["0", "0"], "the heads of the lines 2 and 3");
    assert_eq!(lines(store, SERVICE, &[1, 2, 3, 4]).await, [1, 2, 3]);
    assert!(lines(store, Service::EmailSender, &[1]).await.is_empty());
}

#[tokio::test]
async fn a_postponed_job_keeps_its_place_and_the_whole_line_waits_for_it() {
    let scratch = scratch().await;
    let store = scratch.store();
    park(store, line(7, 2)).await;
    let taken = take(store).await;
    let later = Utc::now() + TimeDelta::hours(1);
    end(store, &taken, Turn::Postponed(Some(later))).await;
    assert_eq!(take(store).await.len(), 0);
    end(store, &taken, Turn::Postponed(None)).await;
    assert_eq!(bodies(&take(store).await), ["0"]);
}

#[tokio::test]
async fn a_long_line_is_worked_off_several_at_a_time_up_to_its_share() {
    let scratch = scratch().await;
    let store = scratch.store();
    park(store, line(7, 25)).await;
    let taken = take(store).await;
    assert_eq!(
        bodies(&taken),
        ["0", "1", "2"],
        "one, and one more for each ten"
    );
    end(store, &taken[1..], Turn::Over).await;
    assert_eq!(
        take(store).await.len(),
        0,
        "the line moves when all of them are through"
    );
    end(store, &taken[..1], Turn::Over).await;
    let share = store.take_parked(SERVICE, 256, 2, LEASE).await.unwrap();
    assert_eq!(bodies(&share), ["3", "4"]);
    end(store, &share, Turn::Over).await;
    assert_eq!(
        store
            .take_parked(SERVICE, 1, 32, LEASE)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn of_a_hundred_and_more_eleven_go_together_until_a_thousand_wait() {
    let scratch = scratch().await;
    let store = scratch.store();
    for (destination, length, together) in [(1, 100, 11), (2, 999, 11), (3, 1500, 16)] {
        park(store, line(destination, length)).await;
        assert_eq!(take(store).await.len(), together, "of {length}");
    }
}

#[tokio::test]
async fn what_a_dead_process_had_taken_is_taken_again_after_its_lease() {
    let scratch = scratch().await;
    let store = scratch.store();
    park(store, line(7, 2)).await;
    assert_eq!(bodies(&take(store).await), ["0"]);
    let over =
        "UPDATE parked_jobs SET taken_until = now() - interval '1 s' WHERE taken_until IS NOT NULL";
    sql(&scratch, over).await.unwrap();
    assert_eq!(bodies(&take(store).await), ["0"]);
}

#[tokio::test]
async fn a_job_that_is_parked_twice_waits_once() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = parked(7, "once");
    park(store, vec![job.clone()]).await;
    park(store, vec![job]).await;
    let taken = take(store).await;
    end(store, &taken, Turn::Over).await;
    assert_eq!(take(store).await.len(), 0);
}

#[tokio::test]
async fn of_many_who_take_at_once_each_line_is_one_ones() {
    let scratch = scratch().await;
    let store = scratch.store();
    park(
        store,
        (0..40).flat_map(|line_of| line(line_of, 3)).collect(),
    )
    .await;
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_parked(SERVICE, 10, 32, LEASE).await.unwrap() })
        })
        .collect();
    let mut taken = Vec::new();
    for taker in takers {
        taken.extend(taker.await.unwrap());
    }
    let mut sequences: Vec<i64> = taken.iter().map(|job| job.sequence).collect();
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), taken.len(), "none is taken twice");
    assert!(
        bodies(&taken).iter().all(|body| body == "0"),
        "only heads move"
    );
    assert!(taken.len() <= 40);
}
