//! `notifyctl schedule`, as a person runs it.

use std::process::Output;

use schedule::Job;
use serde_json::Value;
use system_tests::play::{MEI, Play};

use super::{Clockless, engagement, heard, play, sql};
use crate::operator::{notifyctl, words};

async fn schedule(play: &Play, arguments: &[&str]) -> Output {
    let mut command = notifyctl(&[&["schedule"], arguments].concat());
    command.envs(play.world.environment());
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_rehearsal_shows_what_would_be_sent_and_sends_nothing() {
    play(async |play| {
        engagement(&play, 12, Some(MEI), "2026-10-01", "2026-11-20").await;
        engagement(&play, 13, None, "2026-10-01", "2026-11-20").await;
        let at = ["run", "stale-engagement", "--at", "2026-11-22T08:00:00Z", "--dry-run"];
        let output = schedule(&play, &at).await;
        let said = words(&output);
        assert!(output.status.success(), "{said}");
        let line = "stale_engagement to mei: Stale Engagement: Q12 [stale_engagement/engagement/12/2026-11-20]";
        assert!(said.contains(line), "{said}");
        let sum = "stale-engagement: 1 notice would be told, 1 passed over (no_lead).";
        assert!(said.contains(sum), "{said}");
        let output = schedule(&play, &[&at[..], &["--json"]].concat()).await;
        let event: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(event["data"]["recipients"][0], "mei");
        assert!(play.store().decided_events().await.unwrap().is_empty(), "nothing was sent");
        // What is rehearsed is what is sent.
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-22T06:30:00Z").await;
        assert_eq!(clockless.told(&play, Job::StaleEngagement, "2026-11-22T08:00:00Z").await, 1);
        heard(&play, "stale_engagement/engagement/12/2026-11-20", &[Some("mei")]).await;
        let said = words(&schedule(&play, &at).await);
        assert!(said.contains("0 notices would be told, 1 notice told before"), "{said}");
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_job_can_be_run_by_hand_and_the_list_says_when_jobs_ran_and_what_failed() {
    play(async |play| {
        sql(
            &play,
            "INSERT INTO alerts (id, user_id, title, description, icon, source, event_source, event_id)
             SELECT gen_random_uuid(), 2, '', '', '', '', 's', 'e' FROM generate_series(1, 5)",
        )
        .await;
        let trim = ["run", "trim-alerts", "--max-alerts-per-user", "2"];
        let said = words(&schedule(&play, &[&trim[..], &["--dry-run"]].concat()).await);
        assert!(said.contains("3 rows of alerts would be cleaned up"), "{said}");
        let said = words(&schedule(&play, &trim).await);
        assert!(said.contains("3 rows of alerts cleaned up"), "{said}");
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-22T06:30:00Z").await;
        clockless.at(&play, "2026-11-22T08:10:00Z").await;
        play.store().job_failed("sla", "exchange x has no queue").await.unwrap();
        let said = words(&schedule(&play, &["list", "--schedule-time-zone", "Europe/Berlin"]).await);
        for part in ["Europe/Berlin", "30 7 * * *", "2026-11-22 08:10", "failed:"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let lines = schedule(&play, &["list", "--json"]).await;
        let lines = String::from_utf8(lines.stdout).unwrap();
        assert_eq!(lines.lines().count(), Job::ALL.len());
        assert!(lines.contains("exchange x has no queue"), "{lines}");
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_with_a_sentence() {
    let cases = [
        (&["run", "slaa"][..], "slaa"),
        (&["run", "sla", "--at", "2026-11-22T08:00:00Z"], "--dry-run"),
        (
            &["run", "sla", "--dry-run", "--at", "tomorrow"],
            "write an RFC 3339 time",
        ),
        (
            &["list", "--schedule-sla", "0 8 30 2 *"],
            "no day ever fulfils it",
        ),
    ];
    for (arguments, expected) in cases {
        let arguments = [&["schedule"], arguments].concat();
        let output = tokio::task::spawn_blocking(move || notifyctl(&arguments).output().unwrap());
        let output = output.await.unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", words(&output));
        assert!(words(&output).contains(expected), "{}", words(&output));
    }
}
