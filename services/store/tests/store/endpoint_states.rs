//! The database moves webhook endpoints as `proto_events::endpoint` says.

use chrono::{DateTime, TimeDelta, Utc};
use proto_events::endpoint::Standing;
use proto_events::outcome::State;
use proto_events::{Cause, Channel, EndpointState, JobId, Reason, Service};
use serde_json::json;
use sqlx::{PgConnection, Row as _};
use std::time::Duration;
use store::{
    Attempt, DeadLetter, EndpointNews, Finished, Letter, NewWebhook, Parked, ReviewedWebhook,
    Scratch, Settlement, Turn,
};
use uuid::Uuid;

use crate::support::{connect, scratch};

struct Play {
    scratch: Scratch,
    database: PgConnection,
    endpoint: i64,
    destination: i64,
}

async fn play() -> Play {
    let scratch = scratch().await;
    let webhook = NewWebhook {
        name: "siem".to_owned(),
        url: "https://siem.example".to_owned(),
        header_name: None,
        header_value: None,
        owner: None,
    };
    let endpoint = scratch.store().put_webhook(&webhook).await.unwrap();
    let mut database = connect(&scratch).await;
    let destination = sqlx::query_scalar("SELECT id FROM destinations WHERE webhook_id = $1")
        .bind(endpoint)
        .fetch_one(&mut database)
        .await
        .unwrap();
    Play {
        scratch,
        database,
        endpoint,
        destination,
    }
}

impl Play {
    async fn claim(&self) -> JobId {
        self.claim_many(1).await.remove(0)
    }

    async fn claim_many(&self, count: usize) -> Vec<JobId> {
        let jobs = (0..count).map(|_| JobId::from(Uuid::new_v4()));
        let attempts: Vec<_> = jobs.map(|job| self.attempt(job)).collect();
        self.scratch.store().claim(&attempts).await.unwrap();
        attempts.iter().map(|attempt| attempt.job).collect()
    }

    fn attempt(&self, job: JobId) -> Attempt {
        Attempt {
            job,
            attempt: 1,
            service: Service::WebhookSender,
            event_source: "s".to_owned(),
            event_id: job.to_string(),
            event_name: "ping".to_owned(),
            channel: Channel::Webhooks,
            recipient: None,
            destination: Some(self.destination),
            lease: Duration::from_secs(60),
        }
    }

    /// Gives jobs up because the endpoint is not in use; gives how many were not kept.
    async fn give_up(&self, jobs: &[JobId]) -> usize {
        let reason = Reason::EndpointInactive;
        let finished = jobs.iter().map(|job| Finished {
            reason: Some(reason),
            ..Finished::of(&self.attempt(*job), State::Dead)
        });
        let dead = jobs.iter().map(|job| DeadLetter {
            service: Service::WebhookSender,
            job: Some(*job),
            event: Some(("s".to_owned(), job.to_string())),
            destination: Some(self.destination),
            body: job.to_string().into_bytes(),
            headers: json!({}),
            reason,
            detail: "not in use".to_owned(),
        });
        let settlement = Settlement {
            finished: finished.collect(),
            dead: dead.collect(),
            ..Settlement::default()
        };
        self.scratch.store().settle(&settlement).await.unwrap()
    }

    async fn review(&self) -> ReviewedWebhook {
        let all = self.scratch.store().review_webhooks().await.unwrap();
        let one = all.into_iter().find(|it| it.id == self.endpoint);
        one.unwrap()
    }

    async fn came(&self, all: &[(JobId, Cause)]) {
        let news = all.iter().map(|(job, cause)| EndpointNews {
            destination: self.destination,
            job: *job,
            attempt: 1,
            cause: *cause,
            note: "seen".to_owned(),
        });
        let settlement = Settlement {
            endpoints: news.collect(),
            ..Settlement::default()
        };
        self.scratch.store().settle(&settlement).await.unwrap();
    }

    /// Lets time pass, by moving everything into the past.
    async fn pass(&mut self, seconds: i64) {
        let past = "UPDATE notification_webhooks SET first_error = first_error - make_interval(secs => $1),
            last_error = last_error - make_interval(secs => $1), state_since = state_since - make_interval(secs => $1)";
        sqlx::query(past)
            .bind(seconds as f64)
            .execute(&mut self.database)
            .await
            .unwrap();
    }

    async fn standing(&mut self) -> Standing {
        let row = sqlx::query("SELECT * FROM webhook_states WHERE id = $1")
            .bind(self.endpoint)
            .fetch_one(&mut self.database)
            .await
            .unwrap();
        Standing {
            state: row.get::<String, _>("status").parse().unwrap(),
            first_error: row.get("first_error"),
            last_error: row.get("last_error"),
            note: row.get("note"),
        }
    }

    async fn transitions(&mut self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM webhook_transitions")
            .fetch_one(&mut self.database)
            .await
            .unwrap()
    }
}

fn close(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < TimeDelta::seconds(10),
        (one, other) => one.is_none() && other.is_none(),
    }
}

#[tokio::test]
async fn any_sequence_of_outcomes_and_times_ends_where_the_table_says() {
    let mut play = play().await;
    let mut model = play.standing().await;
    let mut seed: u64 = 7;
    for step in 0..150 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let pick = (seed >> 33) % 16;
        let seconds = [30, 90, 4000, 80_000, 90_000][(seed >> 40) as usize % 5];
        play.pass(seconds).await;
        let passed = TimeDelta::seconds(seconds);
        model.first_error = model.first_error.map(|time| time - passed);
        model.last_error = model.last_error.map(|time| time - passed);
        let now = Utc::now();
        model = model.at(now);
        let cause = match pick {
            0..=4 => Cause::Success,
            5..=14 => Cause::Temporary,
            _ => Cause::Permanent,
        };
        let job = play.claim().await;
        play.came(&[(job, cause)]).await;
        model = model.after(cause, "seen", now);
        let stands = play.standing().await;
        let same = stands.state == model.state
            && stands.note == model.note
            && close(stands.first_error, model.first_error)
            && close(stands.last_error, model.last_error);
        assert!(same, "step {step}, {cause:?}: {stands:?} is not {model:?}");
        if pick == 3 && model.state == EndpointState::Active {
            // As it comes from DefectDojo, which leaves `active` what had an error long ago.
            let imported =
                "UPDATE notification_webhooks SET first_error = now() - interval '25 hours'";
            sqlx::query(imported)
                .execute(&mut play.database)
                .await
                .unwrap();
            model.first_error = Some(now - TimeDelta::hours(25));
        }
        if model.state == EndpointState::InactivePermanent {
            let on = "UPDATE notification_webhooks SET status = 'active', first_error = NULL, last_error = NULL, note = NULL, state_since = now()";
            sqlx::query(on).execute(&mut play.database).await.unwrap();
            model = model.after(Cause::Activated, "", now);
        }
    }
}

#[tokio::test]
async fn of_256_attempts_under_way_when_it_goes_down_one_moves_it_and_late_ones_change_nothing() {
    let mut play = play().await;
    let mut jobs = Vec::new();
    for _ in 0..256 {
        jobs.push((play.claim().await, Cause::Temporary));
    }
    play.came(&jobs[..100]).await;
    let down = play.standing().await;
    assert_eq!(down.state, EndpointState::InactiveTmp);
    play.came(&jobs[100..200]).await;
    play.came(&[(jobs[200].0, Cause::Success)]).await;
    play.came(&[(jobs[201].0, Cause::Permanent)]).await;
    assert_eq!(play.standing().await, down);
    assert_eq!(play.transitions().await, 1);
    // What began before the trial says nothing on it.
    sqlx::query("UPDATE deliveries SET started_at = started_at - interval '1 hour'")
        .execute(&mut play.database)
        .await
        .unwrap();
    play.pass(61).await;
    play.came(&[(jobs[202].0, Cause::Success), jobs[203]]).await;
    let trial = play.standing().await;
    assert!(trial.is_on_trial(), "{trial:?}");
    let job = play.claim().await;
    play.came(&[(job, Cause::Success)]).await;
    assert!(!play.standing().await.is_on_trial());
    assert_eq!(play.transitions().await, 2);
}

#[tokio::test]
async fn four_replicas_that_fail_at_once_move_an_endpoint_once() {
    let mut play = play().await;
    let jobs = play.claim_many(4).await;
    let all: Vec<_> = jobs.iter().map(|job| [(*job, Cause::Temporary)]).collect();
    tokio::join!(
        play.came(&all[0]),
        play.came(&all[1]),
        play.came(&all[2]),
        play.came(&all[3]),
    );
    assert_eq!(play.standing().await.state, EndpointState::InactiveTmp);
    assert_eq!(play.transitions().await, 1);
}

#[tokio::test]
async fn on_trial_a_line_moves_one_job_at_a_time_however_long_and_new_jobs_wait_behind_it() {
    let mut play = play().await;
    let job = play.claim().await;
    play.came(&[(job, Cause::Temporary)]).await;
    play.pass(61).await;
    assert!(play.standing().await.is_on_trial());
    let store = play.scratch.store().clone();
    let destinations = [play.destination];
    let is_in_line = async || {
        let around = store.surroundings(Service::WebhookSender, &destinations);
        !around.await.unwrap().lines.is_empty()
    };
    assert!(
        is_in_line().await,
        "nobody waits, but the endpoint is on trial"
    );
    let parked = (0..200).map(|_| Parked {
        job: JobId::from(Uuid::new_v4()),
        service: Service::WebhookSender,
        destination: play.destination,
        letter: Letter {
            body: Vec::new(),
            attempt: 2,
            first_published: None,
            reason: None,
            traceparent: None,
        },
        due: None,
    });
    let settlement = Settlement {
        parked: parked.collect(),
        ..Settlement::default()
    };
    store.settle(&settlement).await.unwrap();
    let take = async || {
        let lease = Duration::from_secs(60);
        let taken = store.take_parked(Service::WebhookSender, 256, 32, lease);
        taken.await.unwrap()
    };
    let taken = take().await;
    assert_eq!(taken.len(), 1);
    let job = play.claim().await;
    play.came(&[(job, Cause::Success)]).await;
    assert!(!play.standing().await.is_on_trial());
    let settlement = Settlement {
        turns: vec![(taken[0].sequence, Turn::Over)],
        ..Settlement::default()
    };
    store.settle(&settlement).await.unwrap();
    assert_eq!(take().await.len(), 11, "199 wait");
    assert!(is_in_line().await);
}

#[tokio::test]
async fn an_endpoint_that_fails_its_trial_has_both_steps_in_its_history() {
    let mut play = play().await;
    for _ in 0..2 {
        let job = play.claim().await;
        play.came(&[(job, Cause::Temporary)]).await;
        play.pass(61).await;
    }
    let store = play.scratch.store();
    let history = store.webhook_history(play.endpoint).await.unwrap();
    let steps: Vec<_> = history.iter().map(|step| (step.from, step.to)).collect();
    let (on, rests) = (EndpointState::Active, EndpointState::InactiveTmp);
    let trial = EndpointState::ActiveTmp;
    assert_eq!(steps, [(trial, rests), (rests, trial), (on, rests)]);
}

#[tokio::test]
async fn of_one_endpoint_a_thousand_dead_letters_are_kept_and_the_rest_is_counted() {
    let play = play().await;
    let jobs = play.claim_many(1500).await;
    let (first, second) = jobs.split_at(750);
    // Two replicas at once.
    let (a, b) = tokio::join!(play.give_up(first), play.give_up(second));
    assert_eq!(a + b, 500);
    let review = play.review().await;
    assert_eq!((review.dead, review.not_kept), (1000, 500));
    // An answer that was lost: the same again changes nothing.
    let (a, b) = tokio::join!(play.give_up(first), play.give_up(second));
    assert_eq!(a + b, 500);
    let review = play.review().await;
    assert_eq!((review.dead, review.not_kept), (1000, 500));
}

#[tokio::test]
async fn of_a_job_that_was_not_kept_the_ledger_says_so() {
    let mut play = play().await;
    let jobs = play.claim_many(1001).await;
    play.give_up(&jobs).await;
    let told: Vec<(String, String)> =
        sqlx::query_as("SELECT state, detail FROM deliveries WHERE reason = 'not_kept'")
            .fetch_all(&mut play.database)
            .await
            .unwrap();
    let words = "not in the dead letters, where 1000 of this endpoint's jobs wait already";
    assert_eq!(told, [("dead".to_owned(), words.to_owned())]);
}

#[tokio::test]
async fn an_endpoint_that_a_person_activates_has_no_trouble_and_a_history() {
    let mut play = play().await;
    let job = play.claim().await;
    play.came(&[(job, Cause::Permanent)]).await;
    assert_eq!(play.review().await.state, EndpointState::InactivePermanent);
    let store = play.scratch.store();
    assert!(store.activate_webhook(play.endpoint).await.unwrap());
    assert!(store.switch_off_webhook(play.endpoint).await.unwrap());
    assert!(store.activate_webhook(play.endpoint).await.unwrap());
    assert!(!store.activate_webhook(play.endpoint + 1).await.unwrap());
    let history = store.webhook_history(play.endpoint).await.unwrap();
    let steps: Vec<_> = history.iter().map(|step| (step.from, step.to)).collect();
    let (on, off) = (EndpointState::Active, EndpointState::InactivePermanent);
    assert_eq!(steps, [(off, on), (on, off), (off, on), (on, off)]);
    let standing = play.standing().await;
    assert_eq!((standing.state, standing.first_error), (on, None));
}
