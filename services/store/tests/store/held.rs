//! Jobs that are held back, and the timetables that hold them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use proto_events::directory::{Cadence, QuietHours, Timetable, Whose};
use proto_events::{Column, JobId, Severity};
use store::News;
use store::scheduling::held::{Dropped, HeldJobs, NewHeld};
use store::{Scratch, Store};
use uuid::Uuid;

use crate::support::{mailed, refused_by, scratch, sql};

fn due() -> DateTime<Utc> {
    "2026-11-27T07:00:00Z".parse().unwrap()
}

fn job(number: u128) -> JobId {
    Uuid::from_u128(number).into()
}

/// The digest of a reader.
fn digest(reader: u128) -> JobId {
    job(1000 + reader)
}

fn held(number: u128, reader: u128) -> NewHeld {
    NewHeld {
        job: job(number),
        digest: digest(reader),
        due: due(),
        body: format!("job {number}").into_bytes(),
        traceparent: None,
    }
}

/// The messages that are to go out, each with the numbers of its jobs.
async fn messages(store: &Store) -> Vec<(JobId, Vec<String>)> {
    let mut all = Vec::new();
    for message in store.put_together_before().await.unwrap() {
        let jobs = store.held_jobs(message, 0).await.unwrap();
        let bodies = jobs
            .into_iter()
            .map(|job| String::from_utf8(job.body).unwrap());
        all.push((message, bodies.collect()));
    }
    all
}

async fn hold(scratch: &Scratch, jobs: &[NewHeld]) {
    scratch.store().hold_back(jobs).await.unwrap();
}

#[tokio::test]
async fn several_of_one_reader_come_in_one_digest_and_one_alone_comes_as_itself() {
    let scratch = scratch().await;
    let store = scratch.store();
    hold(&scratch, &[held(1, 1), held(2, 2), held(3, 1), held(1, 1)]).await;
    assert_eq!(
        store
            .put_together(due() - TimeDelta::seconds(1))
            .await
            .unwrap(),
        0
    );
    assert_eq!(messages(store).await, []);
    assert_eq!(store.put_together(due()).await.unwrap(), 3);
    let expected = [
        (digest(1), vec!["job 1".to_owned(), "job 3".to_owned()]),
        (job(2), vec!["job 2".to_owned()]),
    ];
    assert_eq!(messages(store).await, expected);
    assert_eq!(
        store.put_together(due()).await.unwrap(),
        0,
        "it is decided once"
    );
    assert_eq!(
        messages(store).await,
        expected,
        "and stays so until it is done with"
    );
}

#[tokio::test]
async fn what_is_late_for_its_digest_comes_as_itself_and_is_not_taken_for_a_copy_of_it() {
    let scratch = scratch().await;
    let store = scratch.store();
    hold(&scratch, &[held(1, 1), held(2, 1)]).await;
    store.put_together(due()).await.unwrap();
    store.done_with_held(digest(1), &[]).await.unwrap();
    hold(&scratch, &[held(1, 1), held(3, 1), held(4, 1)]).await;
    store.put_together(due()).await.unwrap();
    let late: Vec<JobId> = messages(store)
        .await
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(late, [job(3), job(4)], "job 1 is a copy of what was told");
}

#[tokio::test]
async fn what_is_done_with_is_not_held_and_says_what_became_of_it() {
    let scratch = scratch().await;
    let store = scratch.store();
    hold(&scratch, &[held(1, 1), held(2, 1), held(3, 1)]).await;
    let waiting = HeldJobs {
        jobs: 3,
        overdue_since: None,
    };
    assert_eq!(
        store.held(due() - TimeDelta::hours(1)).await.unwrap(),
        waiting
    );
    let overdue = HeldJobs {
        overdue_since: Some(due()),
        ..waiting
    };
    assert_eq!(store.held(due()).await.unwrap(), overdue);
    store.put_together(due()).await.unwrap();
    let first = store.held_jobs(digest(1), 0).await.unwrap()[0].sequence;
    assert_eq!(store.held_after(digest(1), first).await.unwrap(), 2);
    let lost = [(job(2), Dropped::AccessLost)];
    store.done_with_held(digest(1), &lost).await.unwrap();
    assert_eq!(store.held(due()).await.unwrap(), HeldJobs::default());
    let sent = "UPDATE held_jobs SET outcome = outcome WHERE outcome = 'sent' AND body IS NULL";
    assert_eq!(sql(&scratch, sent).await.unwrap(), 2);
    let lost = "UPDATE held_jobs SET outcome = outcome WHERE outcome = 'access_lost'";
    assert_eq!(sql(&scratch, lost).await.unwrap(), 1);
}

#[tokio::test]
async fn a_job_that_was_delivered_meanwhile_is_not_told_again_in_a_digest() {
    let scratch = scratch().await;
    let store = scratch.store();
    hold(&scratch, &[held(1, 1), held(2, 1)]).await;
    sql(
        &scratch,
        "INSERT INTO deliveries (job_id, attempt, service, channel, event_source, event_id, event_name, lease_until, state, finished_at)
         VALUES ('00000000-0000-0000-0000-000000000001', 1, 'email-sender', 'mail', 's', '1', 'other', now(), 'delivered', now())",
    )
    .await
    .unwrap();
    store.put_together(due()).await.unwrap();
    assert_eq!(messages(store).await, [(job(2), vec!["job 2".to_owned()])]);
}

fn timetable() -> Timetable {
    Timetable {
        time_zone: "Europe/Berlin".parse().unwrap(),
        daily_at: NaiveTime::from_hms_opt(8, 30, 0).unwrap(),
        cadences: BTreeMap::from([
            (Column::ScanAdded, Cadence::Daily),
            (Column::TestAdded, Cadence::Hourly),
        ]),
        quiet: Some(QuietHours {
            from: NaiveTime::from_hms_opt(22, 0, 0).unwrap(),
            to: NaiveTime::from_hms_opt(7, 0, 0).unwrap(),
            breaks_through: Some(Severity::Critical),
        }),
    }
}

#[tokio::test]
async fn a_timetable_is_read_back_as_it_was_written_whole_and_as_a_change() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[mailed(1, "mei")]).await.unwrap();
    let mut reader = store.directory_reader();
    let (_, before) = reader.load().await.unwrap();
    store
        .put_timetable(Whose::User(1), &timetable())
        .await
        .unwrap();
    let read = store.load_directory().await.unwrap().timetables;
    let [row] = &read[..] else {
        panic!("one timetable: {read:?}")
    };
    assert_eq!(row.row, (Whose::User(1), timetable()));
    let (news, after) = reader.news(&before).await.unwrap();
    let News::Delta(delta) = news else {
        panic!("the log does not tell")
    };
    assert_eq!(
        (delta.touched.timetables, delta.now.timetables),
        (vec![row.id], read.clone())
    );
    // Written again, it is another row: the old one goes with the same look.
    store
        .put_timetable(Whose::User(1), &timetable())
        .await
        .unwrap();
    let (news, after) = reader.news(&after).await.unwrap();
    let News::Delta(delta) = news else {
        panic!("the log does not tell")
    };
    assert!(delta.touched.timetables.contains(&row.id));
    assert_eq!(delta.now.timetables.len(), 1);
    assert!(store.remove_timetable(Whose::User(1)).await.unwrap());
    assert!(!store.remove_timetable(Whose::User(1)).await.unwrap());
    let (news, _) = reader.news(&after).await.unwrap();
    let News::Delta(delta) = news else {
        panic!("the log does not tell")
    };
    assert!(delta.now.timetables.is_empty() && !delta.touched.timetables.is_empty());
}

#[tokio::test]
async fn a_time_zone_of_a_newer_release_holds_nothing_back() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[mailed(1, "mei")]).await.unwrap();
    store
        .put_timetable(Whose::User(1), &timetable())
        .await
        .unwrap();
    sql(&scratch, "UPDATE timetables SET time_zone = 'Mars/Olympus'")
        .await
        .unwrap();
    assert_eq!(store.load_directory().await.unwrap().timetables, []);
}

#[tokio::test]
async fn quiet_hours_are_a_persons_and_have_a_beginning_and_an_end() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[mailed(1, "mei")]).await.unwrap();
    for (statement, constraint) in [
        (
            "INSERT INTO timetables (destination, time_zone, daily_at, quiet_from, quiet_to)
             SELECT id, 'UTC', '08:00', '22:00', '07:00' FROM destinations",
            "timetables_quiet_of_people",
        ),
        (
            "INSERT INTO timetables (user_id, time_zone, daily_at, quiet_from) VALUES (1, 'UTC', '08:00', '22:00')",
            "timetables_quiet_whole",
        ),
        (
            "INSERT INTO timetables (user_id, time_zone, daily_at, quiet_from, quiet_to)
             VALUES (1, 'UTC', '08:00', '22:00', '22:00')",
            "timetables_quiet_whole",
        ),
        (
            "INSERT INTO timetables (time_zone, daily_at) VALUES ('UTC', '08:00')",
            "timetables_of_one",
        ),
    ] {
        assert_eq!(refused_by(&scratch, statement).await, constraint);
    }
}
