//! `notifyctl pause` and `notifyctl resume`: a held channel sends nothing and loses nothing.

use std::sync::Arc;

use notifyctl::stage::receivers::Received;
use proto_events::{Channel, Service};
use serde_json::json;
use store::LedgerEntry;
use system_tests::look::received;
use system_tests::play::{PATIENCE, Play, play, until};

use crate::operator::{run_in, words};

async fn run(play: &Play, arguments: &[&str]) -> String {
    let output = run_in(&play.world, arguments, &[]).await;
    assert!(output.status.success(), "{}", words(&output));
    words(&output)
}

async fn in_ledger(play: &Play, channel: Channel) -> Vec<LedgerEntry> {
    let mut ledger = play.store().ledger().await.unwrap();
    ledger.retain(|entry| entry.channel == channel);
    ledger
}

#[tokio::test]
async fn a_held_channel_sends_nothing_until_it_is_resumed_and_then_everything_once() {
    play(async |play: Play| {
        let said = run(&play, &["pause", "slack"]).await;
        assert!(said.contains("slack is held"), "{said}");
        let said = run(&play, &["pause", "slack", "--note", "again"]).await;
        assert!(said.contains("was held before"), "{said}");
        for number in 0..3 {
            let data = json!({"title": format!("Scan {number}"), "no_users": true});
            play.publish("scan_added", data).await;
        }
        until("three jobs in line", async || {
            let parked = play.store().survey().await.unwrap().parked;
            (parked.get(Service::SlackSender.as_str())?.jobs == 3).then_some(())
        })
        .await;
        // Teams and the system's webhook are told meanwhile.
        received(&play, 6).await;
        assert!(in_ledger(&play, Channel::Slack).await.is_empty());
        let said = run(&play, &["resume", "slack"]).await;
        assert!(said.contains("no longer held"), "{said}");
        let slack = |all: &[Arc<Received>]| -> Vec<String> {
            let slack = all.iter().filter(|it| it.channel == Channel::Slack);
            slack.map(|it| it.body.clone()).collect()
        };
        let three = |all: &[Arc<Received>]| slack(all).len() == 3;
        let all = play
            .receivers
            .record
            .wait_for("three messages in Slack", PATIENCE, three);
        let bodies = slack(&all.await.unwrap());
        for number in 0..3 {
            let title = format!("Scan {number}");
            let told = bodies.iter().filter(|body| body.contains(&title));
            assert_eq!(told.count(), 1, "{title}: {bodies:?}");
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_held_or_is_not_held_is_told() {
    play(async |play: Play| {
        for (arguments, expected) in [
            (["pause", "alert"], "cannot be held; stop alert-writer"),
            (["resume", "mail"], "mail is not held"),
        ] {
            let output = run_in(&play.world, &arguments, &[]).await;
            assert_eq!(output.status.code(), Some(1));
            assert!(words(&output).contains(expected), "{}", words(&output));
        }
        play.end().await;
    })
    .await;
}
