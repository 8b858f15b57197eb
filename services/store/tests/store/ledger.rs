use std::time::Duration;

use proto_events::outcome::State;
use proto_events::{Channel, JobId, Reason, Service};
use store::{Attempt, Claim, DeadLetter, Finished, Settlement, Store, StoreError};
use uuid::Uuid;

use crate::support::{refused_by, scratch, sql};

const LEASE: Duration = Duration::from_secs(60);

fn new_job() -> JobId {
    Uuid::new_v4().into()
}

/// Writes outcomes and dead letters that belong together.
async fn finish(
    store: &Store,
    finished: &[Finished],
    dead: &[DeadLetter],
) -> Result<(), StoreError> {
    let settlement = Settlement {
        finished: finished.into(),
        dead: dead.into(),
        ..Settlement::default()
    };
    store.settle(&settlement).await.map(drop)
}

fn attempt(job: JobId, attempt: i32) -> Attempt {
    Attempt {
        job,
        attempt,
        service: Service::EmailSender,
        event_source: "https://dojo.example".to_owned(),
        event_id: "e1".to_owned(),
        event_name: "scan_added".to_owned(),
        channel: Channel::Mail,
        recipient: Some(1),
        destination: Some(1),
        lease: LEASE,
    }
}

fn finished(job: JobId, attempt: i32, state: State) -> Finished {
    Finished {
        job,
        attempt,
        state,
        reason: None,
        detail: None,
        provider_id: None,
        status: Some(250),
    }
}

fn dead(job: JobId) -> DeadLetter {
    DeadLetter {
        service: Service::EmailSender,
        job: Some(job),
        event: Some(("https://dojo.example".to_owned(), "e1".to_owned())),
        destination: None,
        body: b"{}".to_vec(),
        headers: serde_json::json!({"x-dojo-attempt": 3}),
        reason: Reason::Refused,
        detail: "550 no such user".to_owned(),
    }
}

#[tokio::test]
async fn an_attempt_is_granted_once_and_then_in_progress() {
    let scratch = scratch().await;
    let job = new_job();
    assert_eq!(
        scratch.store().claim(&[attempt(job, 1)]).await.unwrap(),
        [Claim::Granted]
    );
    assert_eq!(
        scratch.store().claim(&[attempt(job, 1)]).await.unwrap(),
        [Claim::InProgress]
    );
    assert_eq!(
        scratch.store().claim(&[attempt(job, 2)]).await.unwrap(),
        [Claim::InProgress]
    );
    assert!(scratch.store().claim(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn answers_stand_in_the_order_of_the_questions_and_a_copy_beside_its_original_waits() {
    let scratch = scratch().await;
    let store = scratch.store();
    let [done, tried, open] = [9, 5, 1].map(|n| JobId::from(Uuid::from_u128(n)));
    store
        .claim(&[attempt(done, 1), attempt(tried, 1)])
        .await
        .unwrap();
    finish(
        store,
        &[
            finished(done, 1, State::Accepted),
            finished(tried, 1, State::Retrying),
        ],
        &[],
    )
    .await
    .unwrap();
    let asked = [
        attempt(done, 2),
        attempt(open, 1),
        attempt(tried, 1),
        attempt(open, 1),
        attempt(tried, 2),
    ];
    assert_eq!(
        store.claim(&asked).await.unwrap(),
        [
            Claim::AlreadyDone(State::Accepted),
            Claim::Granted,
            Claim::AttemptRecorded,
            Claim::InProgress,
            Claim::Granted
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_claimers_at_once_exactly_one_is_granted_each_attempt() {
    let scratch = scratch().await;
    let attempts: Vec<Attempt> = (0..100).map(|_| attempt(new_job(), 1)).collect();
    let claimers: Vec<_> = (0..4)
        .map(|n| {
            let (store, mut attempts) = (scratch.store().clone(), attempts.clone());
            // Each asks in another order; that must not lead to a deadlock.
            attempts.rotate_left(n * 25);
            tokio::spawn(async move {
                let claims = store.claim(&attempts).await.unwrap();
                attempts
                    .iter()
                    .map(|attempt| attempt.job)
                    .zip(claims)
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut granted = Vec::new();
    for claimer in claimers {
        for (job, claim) in claimer.await.unwrap() {
            match claim {
                Claim::Granted => granted.push(job),
                other => assert_eq!(other, Claim::InProgress),
            }
        }
    }
    granted.sort_unstable();
    let mut jobs: Vec<JobId> = attempts.iter().map(|attempt| attempt.job).collect();
    jobs.sort_unstable();
    assert_eq!(granted, jobs);
}

#[tokio::test]
async fn an_expired_lease_is_taken_over_by_one() {
    let scratch = scratch().await;
    let job = new_job();
    let lapsed = Attempt {
        lease: Duration::ZERO,
        ..attempt(job, 1)
    };
    assert_eq!(
        scratch.store().claim(&[lapsed]).await.unwrap(),
        [Claim::Granted]
    );
    let (one, two) = (scratch.store().clone(), scratch.store().clone());
    let again = [attempt(job, 1)];
    let (first, second) = tokio::join!(one.claim(&again), two.claim(&again));
    let mut claims = [first.unwrap()[0], second.unwrap()[0]];
    claims.sort_by_key(|claim| *claim != Claim::Granted);
    assert_eq!(claims, [Claim::Granted, Claim::InProgress]);
}

#[tokio::test]
async fn a_retried_job_is_granted_its_next_attempt_and_a_delivered_one_none() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = new_job();
    store.claim(&[attempt(job, 1)]).await.unwrap();
    finish(store, &[finished(job, 1, State::Retrying)], &[])
        .await
        .unwrap();
    assert_eq!(
        store.claim(&[attempt(job, 1)]).await.unwrap(),
        [Claim::AttemptRecorded]
    );
    assert_eq!(
        store.claim(&[attempt(job, 2)]).await.unwrap(),
        [Claim::Granted]
    );
    finish(store, &[finished(job, 2, State::Delivered)], &[])
        .await
        .unwrap();
    for number in 1..=3 {
        let claim = store.claim(&[attempt(job, number)]).await.unwrap();
        assert_eq!(claim, [Claim::AlreadyDone(State::Delivered)]);
    }
}

#[tokio::test]
async fn a_success_that_comes_late_corrects_a_failure_and_never_the_other_way() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = new_job();
    store.claim(&[attempt(job, 1)]).await.unwrap();
    for (state, counts) in [
        (State::Retrying, State::Retrying),
        (State::Delivered, State::Delivered),
        (State::Retrying, State::Delivered),
    ] {
        finish(store, &[finished(job, 1, state)], &[])
            .await
            .unwrap();
        assert_eq!(store.ledger().await.unwrap()[0].state, counts);
    }
}

#[tokio::test]
async fn of_two_outcomes_written_together_the_success_counts() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = new_job();
    store.claim(&[attempt(job, 1)]).await.unwrap();
    let both = [State::Retrying, State::Delivered].map(|state| finished(job, 1, state));
    finish(store, &both, &[]).await.unwrap();
    assert_eq!(store.ledger().await.unwrap()[0].state, State::Delivered);
}

#[tokio::test]
async fn giving_up_files_the_letter_with_the_outcome_and_may_be_repeated() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = new_job();
    store.claim(&[attempt(job, 1)]).await.unwrap();
    let end = Finished {
        reason: Some(Reason::Refused),
        detail: Some("550 no\0such user".to_owned()),
        ..finished(job, 1, State::Dead)
    };
    for _ in 0..2 {
        finish(store, std::slice::from_ref(&end), &[dead(job)])
            .await
            .unwrap();
    }
    let account = store.account().await.unwrap();
    assert_eq!(account.deliveries, [(Channel::Mail, State::Dead, 1)]);
    assert_eq!(
        account.dead_letters,
        [("email-sender".to_owned(), Reason::Refused, 1)]
    );
}

#[tokio::test]
async fn an_outcome_is_not_written_without_its_dead_letter() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = new_job();
    store.claim(&[attempt(job, 1)]).await.unwrap();
    sql(&scratch, "ALTER TABLE dead_letters ADD CHECK (false)")
        .await
        .unwrap();
    finish(store, &[finished(job, 1, State::Dead)], &[dead(job)])
        .await
        .unwrap_err();
    assert_eq!(
        store.account().await.unwrap().deliveries,
        [(Channel::Mail, State::Claimed, 1)]
    );
}

#[tokio::test]
async fn a_letter_that_is_no_job_is_kept_as_it_came() {
    let scratch = scratch().await;
    let unreadable = DeadLetter {
        service: Service::EventRouter,
        job: None,
        event: None,
        destination: None,
        body: vec![0, 0xff, b'{'],
        headers: serde_json::json!({"note": "a\0b"}),
        reason: Reason::Unreadable,
        detail: "the body is not UTF-8".to_owned(),
    };
    scratch
        .store()
        .file_dead_letters(&[unreadable.clone(), dead(new_job())])
        .await
        .unwrap();
    scratch
        .store()
        .file_dead_letters(&[unreadable])
        .await
        .unwrap();
    assert_eq!(
        scratch.store().account().await.unwrap().dead_letters,
        [
            ("email-sender".to_owned(), Reason::Refused, 1),
            ("event-router".to_owned(), Reason::Unreadable, 1)
        ]
    );
    assert_eq!(
        sql(
            &scratch,
            "DELETE FROM dead_letters WHERE body = '\\x00ff7b'"
        )
        .await
        .unwrap(),
        1
    );
}

#[tokio::test]
async fn a_letter_that_comes_again_after_it_was_resolved_waits_again() {
    let scratch = scratch().await;
    let store = scratch.store();
    let letter = dead(new_job());
    let file = async || {
        store
            .file_dead_letters(&[letter.clone(), letter.clone()])
            .await
            .unwrap();
        store.dead_letters().await.unwrap().len()
    };
    assert_eq!(file().await, 1);
    sql(
        &scratch,
        "UPDATE dead_letters SET created_at = now() - interval '1 day', resolved_at = now(), resolution = 'replayed'",
    )
    .await
    .unwrap();
    assert_eq!(store.dead_letters().await.unwrap(), []);
    assert_eq!(file().await, 1);
    let of_today = "SELECT FROM dead_letters WHERE created_at > now() - interval '1 hour'";
    assert_eq!(sql(&scratch, of_today).await.unwrap(), 1);
}

#[tokio::test]
async fn a_row_is_claimed_or_finished_and_nothing_between() {
    let scratch = scratch().await;
    scratch
        .store()
        .claim(&[attempt(new_job(), 1)])
        .await
        .unwrap();
    for (statement, constraint) in [
        (
            "UPDATE deliveries SET state = 'dead'",
            "deliveries_finished_unless_claimed",
        ),
        (
            "UPDATE deliveries SET finished_at = now()",
            "deliveries_finished_unless_claimed",
        ),
        (
            "UPDATE deliveries SET state = 'lost', finished_at = now()",
            "deliveries_state_check",
        ),
        (
            "UPDATE deliveries SET attempt = 0",
            "deliveries_attempt_check",
        ),
        (
            "UPDATE deliveries SET channel = 'pigeon'",
            "deliveries_channel_check",
        ),
    ] {
        assert_eq!(
            refused_by(&scratch, statement).await,
            constraint,
            "{statement}"
        );
    }
}
