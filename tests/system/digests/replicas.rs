//! Whoever dies in the midst, a digest comes once.

use chrono::{TimeDelta, Utc};
use proto_events::Service;
use proto_events::directory::Whose;
use schedule::Released;
use system_tests::look::{about_cranes, received};
use system_tests::play::{MEI, PATIENCE, Play, until};

use super::{chosen, daily, held, play, to_mei, tomorrow};

/// Runs a statement past the store.
async fn sql(play: &Play, statement: &'static str) -> u64 {
    let mut database = play.database().await;
    let done = sqlx::query(statement).execute(&mut database).await;
    done.unwrap().rows_affected()
}

#[tokio::test]
async fn a_digest_that_was_published_but_not_marked_is_published_again_and_arrives_once() {
    play(async |mut play: Play| {
        chosen(&play, Whose::User(MEI), &daily()).await;
        for _ in 0..2 {
            play.publish("test_added", about_cranes()).await;
        }
        held(&play, 2).await;
        let bodies = "CREATE TABLE bodies AS SELECT job_id, body FROM held_jobs";
        sql(&play, bodies).await;
        assert_eq!(tomorrow(&mut play).await.digests, 1);
        let mails = received(&play, 5).await;
        assert_eq!(to_mei(&mails).len(), 1);
        // What comes now is late, and no part of what was put together.
        play.fleet.start(&[Service::Scheduler]).unwrap();
        play.publish("test_added", about_cranes()).await;
        held(&play, 1).await;
        play.fleet.kill(Service::Scheduler).await.unwrap();
        // As if the process had died between the confirm and the mark.
        let unmarked =
            "UPDATE held_jobs AS job SET done_at = NULL, outcome = NULL, body = bodies.body
                        FROM bodies WHERE bodies.job_id = job.job_id";
        assert_eq!(sql(&play, unmarked).await, 2);
        let again = tomorrow(&mut play).await;
        assert_eq!((again.digests, again.singles), (1, 1));
        let mails = received(&play, 8).await;
        let mut ids: Vec<_> = to_mei(&mails).iter().map(|mail| mail.job).collect();
        ids.dedup();
        assert_eq!(ids.len(), 2, "the digest once, and the late one");
        assert_eq!(tomorrow(&mut play).await, Released::default());
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_scheduler_that_is_killed_while_a_digest_waits_sends_it_when_it_is_back() {
    play(async |mut play: Play| {
        chosen(&play, Whose::User(MEI), &daily()).await;
        for _ in 0..2 {
            play.publish("test_added", about_cranes()).await;
        }
        held(&play, 2).await;
        play.fleet.kill(Service::Scheduler).await.unwrap();
        // Time passes.
        sql(
            &play,
            "UPDATE held_jobs SET due = now() - interval '1 minute'",
        )
        .await;
        let overdue = play.store().held(Utc::now()).await.unwrap();
        let since = overdue.overdue_since.unwrap();
        assert!(Utc::now() - since >= TimeDelta::minutes(1));
        play.fleet.start(&[Service::Scheduler]).unwrap();
        play.fleet.ready(PATIENCE).await.unwrap();
        let mails = received(&play, 5).await;
        assert!(to_mei(&mails)[0].body.contains("2 notices about Cranes"));
        until("the end of it", async || {
            let held = play.store().held(Utc::now()).await.unwrap();
            (held.jobs == 0).then_some(())
        })
        .await;
        play.end().await;
    })
    .await;
}
