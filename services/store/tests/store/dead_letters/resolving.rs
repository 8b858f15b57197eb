//! Dealing with letters, and how the jobs in them stand.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use proto_events::outcome::State;
use proto_events::{Channel, JobId, Service};
use store::{Attempt, Finished, Kind, LetterFilter, Resolution, Settlement, Standing, Store};
use uuid::Uuid;

use super::{SOURCE, any, file, found, letter, new_job, unreadable};
use crate::support::{refused_by, scratch, sql};

/// Makes an attempt that ends so.
async fn attempted(store: &Store, job: JobId, number: i32, state: State) {
    let attempt = Attempt {
        job,
        attempt: number,
        service: Service::WebhookSender,
        event_source: SOURCE.to_owned(),
        event_id: "e1".to_owned(),
        event_name: "scan_added".to_owned(),
        channel: Channel::Webhooks,
        recipient: None,
        destination: Some(1),
        lease: Duration::from_secs(60),
    };
    let finished = Finished::of(&attempt, state);
    store.claim(&[attempt]).await.unwrap();
    let settlement = Settlement {
        finished: vec![finished],
        ..Settlement::default()
    };
    store.settle(&settlement).await.unwrap();
}

#[tokio::test]
async fn a_resolved_letter_waits_no_more_and_tells_when_and_how_it_was_dealt_with() {
    let scratch = scratch().await;
    let store = scratch.store();
    let replayed = file(store, &letter(new_job(), "e1")).await;
    let discarded = file(store, &letter(new_job(), "e2")).await;
    let waiting = file(store, &unreadable(0)).await;
    let before = Utc::now() - TimeDelta::minutes(1);
    for (head, how) in [
        (&replayed, Resolution::Replayed),
        (&discarded, Resolution::Discarded),
    ] {
        let marked = store
            .resolve(std::slice::from_ref(head), how)
            .await
            .unwrap();
        assert_eq!(marked, 1);
    }
    assert_eq!(found(store, &LetterFilter::default()).await, [waiting]);
    assert_eq!(found(store, &any()).await.len(), 3);
    let resolved = LetterFilter {
        kind: Kind::Resolved,
        ..LetterFilter::default()
    };
    let resolved = found(store, &resolved).await;
    let how: Vec<Resolution> = resolved
        .iter()
        .map(|head| head.resolved.unwrap().1)
        .collect();
    assert_eq!(how, [Resolution::Replayed, Resolution::Discarded]);
    assert!(
        resolved
            .iter()
            .all(|head| head.resolved.unwrap().0 > before)
    );
}

#[tokio::test]
async fn a_letter_that_was_dealt_with_or_filed_anew_since_it_was_read_stays_as_it_is() {
    let scratch = scratch().await;
    let store = scratch.store();
    let filed = letter(new_job(), "e1");
    let seen = file(store, &filed).await;
    store
        .resolve(std::slice::from_ref(&seen), Resolution::Replayed)
        .await
        .unwrap();
    assert_eq!(
        store.letter_body(&seen).await.unwrap(),
        None,
        "somebody has dealt with it"
    );
    let discard = async || {
        let late = store.resolve(std::slice::from_ref(&seen), Resolution::Discarded);
        late.await.unwrap()
    };
    assert_eq!(discard().await, 0);
    let resolved = found(store, &any()).await.remove(0).resolved;
    assert_eq!(resolved.unwrap().1, Resolution::Replayed);
    let anew = file(store, &filed).await;
    assert_eq!(anew.id, seen.id);
    assert_eq!(discard().await, 0);
    assert_eq!(found(store, &LetterFilter::default()).await, [anew]);
}

#[tokio::test]
async fn a_letter_says_whether_its_job_has_arrived_meanwhile() {
    let scratch = scratch().await;
    let store = scratch.store();
    let [dead, delivered, accepted] = [new_job(), new_job(), new_job()];
    for job in [dead, delivered, accepted] {
        file(store, &letter(job, "e1")).await;
    }
    attempted(store, dead, 1, State::Dead).await;
    attempted(store, delivered, 1, State::Delivered).await;
    attempted(store, accepted, 1, State::Accepted).await;
    let heads = found(store, &LetterFilter::default()).await;
    let arrived: Vec<bool> = heads.iter().map(|head| head.arrived).collect();
    assert_eq!(arrived, [false, true, true]);
}

#[tokio::test]
async fn a_jobs_standing_tells_its_last_attempt_whether_it_arrived_and_its_latest_replay() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = new_job();
    // A neighbour whose id is the next one.
    let neighbour = JobId::from(Uuid::from_u128(job.uuid().as_u128() + 1)).replayed();
    attempted(store, neighbour, 1, State::Delivered).await;
    let unknown = Standing {
        last_attempt: 0,
        arrived: false,
        latest: job,
    };
    assert_eq!(store.standing(job).await.unwrap(), unknown);
    attempted(store, job, 1, State::Retrying).await;
    attempted(store, job, 2, State::Dead).await;
    assert_eq!(
        store.standing(job).await.unwrap(),
        Standing {
            last_attempt: 2,
            ..unknown
        }
    );
    attempted(store, job, 3, State::Delivered).await;
    let arrived = Standing {
        last_attempt: 3,
        arrived: true,
        latest: job,
    };
    assert_eq!(store.standing(job).await.unwrap(), arrived);
    let mut replay = job;
    for _ in 0..10 {
        replay = replay.replayed();
        attempted(store, replay, 1, State::Dead).await;
    }
    let tenth = Standing {
        latest: replay,
        ..arrived
    };
    assert_eq!(
        store.standing(job).await.unwrap(),
        tenth,
        "ten is more than nine"
    );
    assert_eq!(
        store.standing(replay).await.unwrap(),
        Standing {
            last_attempt: 1,
            arrived: false,
            latest: replay
        }
    );
    file(store, &letter(replay.replayed(), "e1")).await;
    let in_letters = Standing {
        latest: replay.replayed(),
        ..arrived
    };
    assert_eq!(store.standing(job).await.unwrap(), in_letters);
}

#[tokio::test]
async fn the_attempts_of_a_job_are_told_with_those_of_its_replays() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = new_job();
    attempted(store, job, 1, State::Dead).await;
    attempted(store, job, 2, State::Delivered).await;
    attempted(store, job.replayed(), 1, State::Accepted).await;
    attempted(store, new_job(), 1, State::Dead).await;
    let attempts = store.attempts(job.replayed()).await.unwrap();
    let told: Vec<_> = attempts
        .iter()
        .map(|attempt| (attempt.job, attempt.attempt, attempt.state))
        .collect();
    assert_eq!(
        told,
        [
            (job, 1, State::Dead),
            (job, 2, State::Delivered),
            (job.replayed(), 1, State::Accepted)
        ]
    );
    assert!(attempts.iter().all(|attempt| attempt.finished_at.is_some()));
}

#[tokio::test]
async fn a_resolved_letter_names_how() {
    let scratch = scratch().await;
    file(scratch.store(), &unreadable(0)).await;
    let statement = "UPDATE dead_letters SET resolved_at = now()";
    let refused = refused_by(&scratch, statement).await;
    assert_eq!(refused, "dead_letters_resolved_somehow");
    let named = "UPDATE dead_letters SET resolved_at = now(), resolution = 'discarded'";
    assert_eq!(sql(&scratch, named).await.unwrap(), 1);
}
