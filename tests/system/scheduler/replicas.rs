//! Replicas: however many run, things happen once, and somebody always acts.

use std::process::Stdio;

use chrono::{TimeDelta, Utc};
use lapin::options::BasicGetOptions;
use schedule::{Job, Telling};
use secrecy::ExposeSecret as _;
use system_tests::bench::broker::Broker;
use system_tests::play::{MEI, Play, until};
use tokio::process::{Child, Command};

use super::{Clockless, decided, engagement, heard, play, sql, text, time};

/// What waits for DefectDojo.
pub(super) async fn taken_upstream(play: &Play) -> Vec<Vec<u8>> {
    let broker = Broker::connect(play.world.broker().broker_url.expose_secret())
        .await
        .unwrap();
    let queue = play.world.names().upstream();
    let mut bodies = Vec::new();
    let options = BasicGetOptions { no_ack: true };
    while let Some(message) = broker
        .channel()
        .basic_get(queue.as_str().into(), options)
        .await
        .unwrap()
    {
        bodies.push(message.delivery.data);
    }
    bodies
}

#[tokio::test]
async fn two_replicas_that_run_the_same_job_at_once_tell_everybody_once() {
    play(async |play| {
        for id in 12..32 {
            engagement(&play, id, Some(MEI), "2026-10-01", "2026-11-20").await;
        }
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-21T06:30:00Z").await;
        let now = time("2026-11-21T07:10:00Z");
        let due = clockless.runner.due(now).await.unwrap();
        let due = due
            .into_iter()
            .find(|due| due.job == Job::StaleEngagement)
            .unwrap();
        let replica = async || {
            let mut telling = Telling {
                store: &clockless.runner.store,
                publisher: &play.publisher,
                names: play.world.names(),
                now,
            };
            clockless.runner.run(due, now, &mut telling).await.unwrap()
        };
        let (one, other) = tokio::join!(replica(), replica());
        assert!(one.told + other.told >= 20, "{one:?} {other:?}");
        for id in 12..32 {
            heard(
                &play,
                &format!("stale_engagement/engagement/{id}/2026-11-20"),
                &[Some("mei")],
            )
            .await;
        }
        let alerts = play.store().alerts().await.unwrap();
        assert_eq!(alerts.len(), 20, "each is one alert");
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_told_but_not_marked_is_told_again_under_the_same_id_which_is_no_news() {
    play(async |play| {
        engagement(&play, 12, Some(MEI), "2026-10-01", "2026-11-20").await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-21T06:30:00Z").await;
        assert_eq!(
            clockless
                .told(&play, Job::StaleEngagement, "2026-11-21T07:10:00Z")
                .await,
            1
        );
        // As if the process had died between the confirm and the mark.
        sql(&play, "DELETE FROM scheduled_notices").await;
        assert_eq!(
            clockless
                .told(&play, Job::StaleEngagement, "2026-11-21T08:10:00Z")
                .await,
            1
        );
        engagement(&play, 13, Some(MEI), "2026-10-01", "2026-11-20").await;
        assert_eq!(
            clockless
                .told(&play, Job::StaleEngagement, "2026-11-21T09:10:00Z")
                .await,
            1
        );
        heard(
            &play,
            "stale_engagement/engagement/13/2026-11-20",
            &[Some("mei")],
        )
        .await;
        assert_eq!(decided(&play, 2).await.len(), 2);
        assert_eq!(play.store().alerts().await.unwrap().len(), 2);
        play.end().await;
    })
    .await;
}

/// A scheduler as a process of its own; it is killed with this value.
fn start(play: &Play) -> Child {
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.pop();
    Command::new(program.join("scheduler"))
        .env_clear()
        .envs(play.world.environment())
        .env("DD_HTTP_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Waits until an engagement that ended yesterday was told of, which `id` is now due for.
async fn acts(play: &Play, id: i64) {
    let yesterday = (Utc::now() - TimeDelta::days(1)).date_naive().to_string();
    engagement(play, id, Some(MEI), "2026-01-01", &yesterday).await;
    sql(play, "UPDATE scheduled_jobs SET through = through - interval '2 hours' WHERE job = 'stale-engagement'").await;
    let notice = format!("stale_engagement/engagement/{id}/{yesterday}");
    until(&notice, async || {
        let told = play
            .store()
            .told(std::slice::from_ref(&notice))
            .await
            .unwrap();
        (!told.is_empty()).then_some(())
    })
    .await;
    heard(play, &notice, &[Some("mei")]).await;
}

#[tokio::test]
async fn when_the_replica_that_acts_is_killed_another_acts_in_its_place() {
    play(async |play| {
        let mut first = start(&play);
        until("the first replica's jobs", async || {
            let progress = play.store().job_progress().await.unwrap();
            (progress.len() == Job::ALL.len()).then_some(())
        })
        .await;
        let mut second = start(&play);
        acts(&play, 12).await;
        let dead = holder(&play).await;
        assert!(dead.is_some());
        first.kill().await.unwrap();
        // How soon is promised where the lease is; here a machine under load may take longer.
        until("another holder of the lease", async || {
            holder(&play)
                .await
                .filter(|holder| Some(holder) != dead.as_ref())
        })
        .await;
        acts(&play, 13).await;
        terminate(&second);
        let ended = second.wait().await.unwrap();
        assert!(ended.success(), "it stops cleanly: {ended}");
        assert_eq!(holder(&play).await, None, "it gave the lease back");
        play.end().await;
    })
    .await;
}

/// Who has the lease now.
async fn holder(play: &Play) -> Option<String> {
    text(
        play,
        "SELECT max(holder::text) FROM scheduler_lease WHERE held_until > now()",
    )
    .await
}

fn terminate(child: &Child) {
    let id = child.id().unwrap().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .unwrap();
    assert!(killed.success());
}
