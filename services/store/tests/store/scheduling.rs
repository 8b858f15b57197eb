//! What the scheduler keeps and cleans up.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row;
use store::scheduling::retention::{Cutoffs, Outdated};
use store::{Scratch, Store};
use uuid::Uuid;

use crate::support::{connect, scratch, sql};

const TERM: Duration = Duration::from_secs(10);

fn now() -> DateTime<Utc> {
    "2026-11-22T07:30:00Z".parse().unwrap()
}

/// One text of the database.
async fn text(scratch: &Scratch, query: &'static str) -> Option<String> {
    let mut database = connect(scratch).await;
    let row = sqlx::query(query).fetch_one(&mut database);
    row.await.unwrap().get(0)
}

#[tokio::test]
async fn one_holder_has_the_lease_until_it_is_over_or_given_back() {
    let scratch = scratch().await;
    let store = scratch.store();
    let [one, other] = [Uuid::new_v4(), Uuid::new_v4()];
    assert!(store.take_lease(one, TERM).await.unwrap());
    assert!(store.take_lease(one, TERM).await.unwrap(), "it is kept");
    assert!(!store.take_lease(other, TERM).await.unwrap());
    store.give_back_lease(other).await.unwrap();
    assert!(
        !store.take_lease(other, TERM).await.unwrap(),
        "only its holder gives it back"
    );
    store.give_back_lease(one).await.unwrap();
    assert!(store.take_lease(other, TERM).await.unwrap());
    sql(&scratch, "UPDATE scheduler_lease SET held_until = now()")
        .await
        .unwrap();
    assert!(store.take_lease(one, TERM).await.unwrap(), "it was over");
    assert!(!store.take_lease(other, TERM).await.unwrap());
}

#[tokio::test]
async fn of_many_who_want_the_lease_at_once_one_gets_it() {
    let scratch = scratch().await;
    let tries = (0..16).map(|_| {
        let store = scratch.store().clone();
        tokio::spawn(async move { store.take_lease(Uuid::new_v4(), TERM).await.unwrap() })
    });
    let mut holders = 0;
    for attempt in tries.collect::<Vec<_>>() {
        holders += u32::from(attempt.await.unwrap());
    }
    assert_eq!(holders, 1);
}

#[tokio::test]
async fn a_lease_from_before_the_databases_clock_stepped_back_is_over() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.take_lease(Uuid::new_v4(), TERM).await.unwrap();
    sql(
        &scratch,
        "UPDATE scheduler_lease SET held_until = now() + interval '1 hour'",
    )
    .await
    .unwrap();
    assert!(store.take_lease(Uuid::new_v4(), TERM).await.unwrap());
}

#[tokio::test]
async fn a_job_that_failed_stays_where_it_was_and_one_that_is_done_forgets_its_failure() {
    let scratch = scratch().await;
    let store = scratch.store();
    let later = now() + TimeDelta::hours(1);
    store.begin_job("sla", now()).await.unwrap();
    store.job_failed("sla", "the broker is away").await.unwrap();
    let progress = store.job_progress().await.unwrap();
    assert_eq!((progress[0].through, progress[0].ran_at), (now(), None));
    assert_eq!(progress[0].error.as_deref(), Some("the broker is away"));
    store.job_done("sla", later, later).await.unwrap();
    store.job_done("sla", now(), later).await.unwrap();
    let progress = store.job_progress().await.unwrap();
    assert_eq!(
        (progress[0].through, &progress[0].error),
        (later, &None),
        "it never goes back"
    );
}

#[tokio::test]
async fn what_was_told_is_known() {
    let scratch = scratch().await;
    let store = scratch.store();
    let [one, two] = ["a", "b"].map(str::to_owned);
    store
        .mark_told(std::slice::from_ref(&one), now())
        .await
        .unwrap();
    store
        .mark_told(std::slice::from_ref(&one), now())
        .await
        .unwrap();
    let told = store.told(&[one.clone(), two]).await.unwrap();
    assert_eq!(told, [one].into());
}

/// Alerts of alice (1), bob (2) and nobody, one a minute each, the newest with the greatest number.
async fn alerts(scratch: &Scratch) {
    sql(
        scratch,
        "INSERT INTO alerts (id, user_id, title, description, icon, source, created, event_source, event_id)
         SELECT gen_random_uuid(), whose, n::text, '', '', '', now() + n * interval '1 minute', 's', 'e'
         FROM (VALUES (1::bigint, 5), (2, 2), (NULL, 9)) AS lists (whose, length),
              LATERAL generate_series(1, length) AS n",
    )
    .await
    .unwrap();
}

const LISTS: &str = "SELECT string_agg(list, '; ' ORDER BY list) FROM (
    SELECT coalesce(user_id::text, 'nobody') || ': ' || string_agg(title, ' ' ORDER BY title) AS list
    FROM alerts WHERE removed_at IS NULL GROUP BY user_id) AS lists";

#[tokio::test]
async fn each_person_keeps_the_newest_alerts_and_those_of_nobody_are_never_trimmed() {
    let scratch = scratch().await;
    let store = scratch.store();
    alerts(&scratch).await;
    assert_eq!(store.alerts_beyond(3).await.unwrap(), 2);
    assert_eq!(store.trim_alerts(3, now()).await.unwrap(), 2);
    assert_eq!(store.trim_alerts(3, now()).await.unwrap(), 0);
    let nobody = "nobody: 1 2 3 4 5 6 7 8 9";
    let expected = format!("1: 3 4 5; 2: 1 2; {nobody}");
    assert_eq!(text(&scratch, LISTS).await, Some(expected));
    assert_eq!(
        store.trim_alerts(0, now()).await.unwrap(),
        5,
        "0 removes all"
    );
    assert_eq!(text(&scratch, LISTS).await.as_deref(), Some(nobody));
}

/// Attempts, events, alerts and letters, each `old` (100 days) or new, with jobs in letters.
async fn past(scratch: &Scratch) {
    for statement in [
        "INSERT INTO events (source, id, name, body, received_at, decided_at, directory_version,
                             directory_behind, jobs, decisions, notes, unknown_recipients)
         SELECT 's', age::text, 'other', '{}', at, at, 0, false, 0, '{}', '{}', '{}'
         FROM (VALUES ('old', '2026-08-14T00:00Z'::timestamptz), ('new', '2026-11-20T00:00Z')) AS t (age, at)",
        "INSERT INTO deliveries (job_id, attempt, service, channel, event_source, event_id, event_name,
                                 lease_until, state, started_at, finished_at)
         SELECT job, 1, 'email-sender', 'mail', 's', 'e', 'other', at, 'delivered', at, at
         FROM (VALUES ('old', '2026-08-14T00:00Z'::timestamptz), ('old, in a waiting letter', '2026-08-14T00:00Z'),
                      ('new', '2026-11-20T00:00Z')) AS t (job, at)",
        "INSERT INTO dead_letters (id, service, job_id, body, headers, reason, detail, created_at, resolved_at, resolution)
         SELECT gen_random_uuid(), 'email-sender', job, '', '{}', 'expired', what, created, resolved,
                CASE WHEN resolved IS NOT NULL THEN 'discarded' END
         FROM (VALUES ('old, in a waiting letter', 'waits', '2026-08-14T00:00Z'::timestamptz, NULL::timestamptz),
                      ('x', 'waits for years', '2024-08-14T00:00Z', NULL),
                      ('y', 'dealt with long ago', '2026-08-13T00:00Z', '2026-08-14T00:00Z'),
                      ('z', 'dealt with', '2024-08-13T00:00Z', '2026-11-20T00:00Z')) AS t (job, what, created, resolved)",
        "INSERT INTO alerts (id, title, description, icon, source, event_source, event_id, removed_at)
         SELECT gen_random_uuid(), age, '', '', '', 's', 'e', at
         FROM (VALUES ('removed long ago', '2026-08-14T00:00Z'::timestamptz), ('removed', '2026-11-20T00:00Z'),
                      ('there', NULL)) AS t (age, at)",
        "INSERT INTO scheduled_notices VALUES ('old', '2025-01-01T00:00Z'), ('new', '2026-01-01T00:00Z')",
        "INSERT INTO held_jobs (job_id, digest, due, body, done_at, outcome)
         SELECT age, 'd', '2026-08-01T00:00Z', CASE WHEN at IS NULL THEN ''::bytea END, at,
                CASE WHEN at IS NOT NULL THEN 'sent' END
         FROM (VALUES ('old', '2026-08-14T00:00Z'::timestamptz), ('new', '2026-11-20T00:00Z'), ('waiting', NULL)) AS t (age, at)",
    ] {
        sql(scratch, statement).await.unwrap();
    }
}

const LEFT: &str = "SELECT string_agg(what, '; ' ORDER BY what) FROM (
    SELECT 'event ' || id AS what FROM events UNION ALL SELECT 'job ' || job_id FROM deliveries
    UNION ALL SELECT 'letter: ' || detail FROM dead_letters UNION ALL SELECT 'alert ' || title FROM alerts
    UNION ALL SELECT 'notice ' || id FROM scheduled_notices
    UNION ALL SELECT 'held ' || job_id FROM held_jobs) AS rows";

#[tokio::test]
async fn what_is_old_goes_and_what_waits_for_somebody_stays_longer() {
    let scratch = scratch().await;
    let store: &Store = scratch.store();
    past(&scratch).await;
    let cutoffs = Cutoffs {
        ledger: now() - TimeDelta::days(90),
        dead_letters: now() - TimeDelta::days(365),
        notices: now() - TimeDelta::days(400),
    };
    let expected = Outdated {
        deliveries: 1,
        events: 1,
        alerts: 1,
        dead_letters: 2,
        notices: 1,
        held_jobs: 1,
    };
    assert_eq!(store.count_outdated(cutoffs).await.unwrap(), expected);
    assert_eq!(store.delete_outdated(cutoffs).await.unwrap(), expected);
    assert_eq!(
        store.delete_outdated(cutoffs).await.unwrap(),
        Outdated::default()
    );
    assert_eq!(
        text(&scratch, LEFT).await.as_deref(),
        Some(
            "alert removed; alert there; event new; held new; held waiting; job new; job old, in a waiting letter; \
             letter: dealt with; letter: waits; notice new"
        )
    );
}

#[tokio::test]
async fn states_of_webhooks_that_time_has_overtaken_are_stored_once() {
    let scratch = scratch().await;
    let store = scratch.store();
    sql(
        &scratch,
        "INSERT INTO notification_webhooks (name, url, status, first_error, last_error, note)
         SELECT name, 'https://hook.example', status, now() - ago, now() - ago, 'Response status code: 500'
         FROM (VALUES ('rested', 'inactive_tmp', interval '2 minutes'), ('resting', 'inactive_tmp', interval '5 seconds'),
                      ('well again', 'active_tmp', interval '25 hours'), ('off', 'inactive_permanent', interval '9 days'))
              AS t (name, status, ago)",
    )
    .await
    .unwrap();
    assert_eq!(store.overdue_webhooks().await.unwrap(), 2);
    assert_eq!(store.store_webhook_states().await.unwrap(), 2);
    assert_eq!(store.store_webhook_states().await.unwrap(), 0);
    let states =
        "SELECT string_agg(name || ' ' || status, '; ' ORDER BY name) FROM notification_webhooks";
    assert_eq!(
        text(&scratch, states).await.as_deref(),
        Some("off inactive_permanent; rested active_tmp; resting inactive_tmp; well again active")
    );
    let well = "SELECT note || ' ' || (first_error IS NULL)::text FROM notification_webhooks WHERE name = 'well again'";
    assert_eq!(
        text(&scratch, well).await.as_deref(),
        Some("Reactivation from active_tmp true")
    );
    let moves = "SELECT string_agg(from_state || ' to ' || to_state, '; ' ORDER BY to_state) FROM webhook_transitions";
    assert_eq!(
        text(&scratch, moves).await.as_deref(),
        Some("active_tmp to active; inactive_tmp to active_tmp"),
        "each transition is noted once"
    );
}
