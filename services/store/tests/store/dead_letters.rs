use std::collections::HashSet;

use chrono::{TimeDelta, Utc};
use proto_events::outcome::State;
use proto_events::{Channel, JobId, Reason, Service};
use store::{
    Attempt, DeadLetter, Finished, Kind, LetterFilter, LetterHead, Order, Resolution, Settlement,
    Standing, Store,
};
use uuid::Uuid;

use crate::support::{scratch, sql};

const SOURCE: &str = "https://dojo.example";

fn letter(job: JobId, event: &str) -> DeadLetter {
    DeadLetter {
        service: Service::WebhookSender,
        job: Some(job),
        event: Some((SOURCE.to_owned(), event.to_owned())),
        destination: None,
        body: b"{}".to_vec(),
        headers: serde_json::json!({"attempt": 3, "job": job}),
        reason: Reason::EndpointGone,
        detail: "410 Gone".to_owned(),
    }
}

fn unreadable(n: usize) -> DeadLetter {
    DeadLetter {
        service: Service::EventRouter,
        job: None,
        event: None,
        destination: None,
        body: format!("no event {n}").into_bytes(),
        headers: serde_json::json!({}),
        reason: Reason::Unreadable,
        detail: "the body is not JSON".to_owned(),
    }
}

fn new_job() -> JobId {
    Uuid::new_v4().into()
}

async fn file(store: &Store, letter: &DeadLetter) -> LetterHead {
    store
        .file_dead_letters(std::slice::from_ref(letter))
        .await
        .unwrap();
    let newest = store.letters(&any(), Order::NewestFirst, None, 1).await;
    newest.unwrap().remove(0)
}

fn any() -> LetterFilter {
    LetterFilter {
        kind: Kind::Any,
        ..LetterFilter::default()
    }
}

async fn found(store: &Store, filter: &LetterFilter) -> Vec<LetterHead> {
    let all = store.letters(filter, Order::OldestFirst, None, 1000).await;
    let all = all.unwrap();
    let counted: i64 = store
        .letter_counts(filter)
        .await
        .unwrap()
        .iter()
        .map(|count| count.count)
        .sum();
    assert_eq!(usize::try_from(counted).unwrap(), all.len(), "{filter:?}");
    all
}

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
        lease: std::time::Duration::from_secs(60),
    };
    store.claim(&[attempt]).await.unwrap();
    let finished = Finished {
        job,
        attempt: number,
        state,
        reason: None,
        detail: None,
        provider_id: None,
        status: Some(200),
    };
    let settlement = Settlement {
        finished: vec![finished],
        ..Settlement::default()
    };
    store.settle(&settlement).await.unwrap();
}

#[tokio::test]
async fn a_letter_reads_back_as_it_was_filed() {
    let scratch = scratch().await;
    let job = new_job().replayed();
    let filed = letter(job, "e1");
    let head = file(scratch.store(), &filed).await;
    assert_eq!((head.service, head.reason), (filed.service, filed.reason));
    assert_eq!((head.job, &head.event), (Some(job), &filed.event));
    assert_eq!(
        (&head.headers, &head.detail),
        (&filed.headers, &filed.detail)
    );
    assert_eq!(
        (head.body_bytes, head.resolved, head.arrived),
        (2, None, false)
    );
    let body = scratch.store().letter_body(&head).await.unwrap();
    assert_eq!(body.as_deref(), Some(b"{}".as_slice()));
}

#[tokio::test]
async fn each_filter_finds_what_agrees_with_it_and_several_what_agrees_with_all() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = new_job();
    let first = file(store, &letter(job, "e1")).await;
    let replay = file(store, &letter(job.replayed(), "e2")).await;
    let broken = file(store, &unreadable(0)).await;
    let long = "e".repeat(2000);
    let last = file(store, &letter(new_job(), &long)).await;
    let all = LetterFilter::default;
    for (filter, expected) in [
        (all(), vec![&first, &replay, &broken, &last]),
        (
            LetterFilter {
                service: Some(Service::EventRouter),
                ..all()
            },
            vec![&broken],
        ),
        (
            LetterFilter {
                service: Some(Service::EmailSender),
                ..all()
            },
            vec![],
        ),
        (
            LetterFilter {
                reason: Some(Reason::EndpointGone),
                ..all()
            },
            vec![&first, &replay, &last],
        ),
        (
            LetterFilter {
                event: Some("e1".to_owned()),
                ..all()
            },
            vec![&first],
        ),
        (
            LetterFilter {
                event: Some(long),
                ..all()
            },
            vec![&last],
        ),
        (
            LetterFilter {
                job: Some(job),
                ..all()
            },
            vec![&first, &replay],
        ),
        (
            LetterFilter {
                job: Some(job.replayed()),
                ..all()
            },
            vec![&replay],
        ),
        (
            LetterFilter {
                since: Some(broken.created_at),
                ..all()
            },
            vec![&broken, &last],
        ),
        (
            LetterFilter {
                until: Some(replay.created_at),
                ..all()
            },
            vec![&first, &replay],
        ),
        (
            LetterFilter {
                ids: Some(vec![last.id, first.id, Uuid::nil()]),
                ..all()
            },
            vec![&first, &last],
        ),
        (
            LetterFilter {
                ids: Some(vec![]),
                ..all()
            },
            vec![],
        ),
        (
            LetterFilter {
                job: Some(job),
                event: Some("e2".to_owned()),
                ..all()
            },
            vec![&replay],
        ),
    ] {
        let found = found(store, &filter).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn pages_show_every_letter_once_in_either_order_also_those_of_one_moment() {
    let scratch = scratch().await;
    let store = scratch.store();
    for group in 0..3 {
        let letters: Vec<DeadLetter> = (0..7).map(|n| unreadable(group * 7 + n)).collect();
        store.file_dead_letters(&letters).await.unwrap();
    }
    let walk = async |order| {
        let all = LetterFilter::default();
        let mut walked: Vec<LetterHead> = Vec::new();
        loop {
            let page = store.letters(&all, order, walked.last(), 4).await.unwrap();
            if page.is_empty() {
                return walked;
            }
            walked.extend(page);
        }
    };
    let mut newest = walk(Order::NewestFirst).await;
    assert!(newest.is_sorted_by_key(|head| std::cmp::Reverse(head.created_at)));
    newest.reverse();
    let oldest = walk(Order::OldestFirst).await;
    assert_eq!(oldest, newest);
    assert_eq!(
        oldest
            .iter()
            .map(|head| head.id)
            .collect::<HashSet<_>>()
            .len(),
        21
    );
}

#[tokio::test]
async fn letters_are_counted_by_who_filed_them_and_why() {
    let scratch = scratch().await;
    let store = scratch.store();
    let first = file(store, &unreadable(0)).await;
    file(store, &letter(new_job(), "e1")).await;
    let last = file(store, &unreadable(1)).await;
    let counts = store.letter_counts(&LetterFilter::default()).await.unwrap();
    assert_eq!(counts.len(), 2);
    assert_eq!(
        (counts[0].service, counts[0].reason, counts[0].count),
        (Service::EventRouter, Reason::Unreadable, 2)
    );
    assert_eq!(
        (counts[0].oldest, counts[0].newest),
        (first.created_at, last.created_at)
    );
    assert_eq!(counts[1].count, 1);
}

#[tokio::test]
async fn the_ids_within_a_range_are_found_and_no_more_than_asked_for() {
    let scratch = scratch().await;
    let store = scratch.store();
    let head = file(store, &unreadable(0)).await;
    file(store, &unreadable(1)).await;
    assert_eq!(
        store.letter_ids(head.id..=head.id, 9).await.unwrap(),
        [head.id]
    );
    let all = Uuid::nil()..=Uuid::max();
    assert_eq!(store.letter_ids(all.clone(), 9).await.unwrap().len(), 2);
    assert_eq!(store.letter_ids(all, 1).await.unwrap().len(), 1);
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
    let refused = crate::support::refused_by(&scratch, statement).await;
    assert_eq!(refused, "dead_letters_resolved_somehow");
    let named = "UPDATE dead_letters SET resolved_at = now(), resolution = 'discarded'";
    assert_eq!(sql(&scratch, named).await.unwrap(), 1);
}
