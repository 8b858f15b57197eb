//! What holds for a destination holds over all replicas of its sender.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use notifyctl::stage::Fleet;
use notifyctl::stage::receivers::http::SLACK_POST;
use notifyctl::stage::receivers::{Answer, Received};
use proto_events::{Channel, Service};
use reqwest::StatusCode;
use reqwest::header::{HeaderValue, RETRY_AFTER};
use serde_json::json;
use system_tests::look::alerted;
use system_tests::play::{Opening, PATIENCE, Play, play_with, until};

use crate::failure_alerts::issues;

/// Everything but the Slack sender, of which the tests start several.
fn without_slack() -> Opening {
    let others = Service::ALL.into_iter();
    Opening {
        services: others.filter(|it| *it != Service::SlackSender).collect(),
        ..Opening::default()
    }
}

/// Starts four Slack senders.
async fn four(play: &Play, variables: &[(&'static str, &str)]) -> Vec<Fleet> {
    let mut fleets = Vec::new();
    for number in 0..4 {
        let folder = play.world.folder().join(format!("replica{number}"));
        let fleet = Fleet::new(&play.world, play.receivers.environment());
        let mut fleet = fleet.unwrap().logging_to(folder).unwrap();
        for (variable, value) in variables {
            fleet.set(Service::SlackSender, variable, value);
        }
        fleet.start(&[Service::SlackSender]).unwrap();
        fleets.push(fleet);
    }
    for fleet in &mut fleets {
        fleet.ready(PATIENCE).await.unwrap();
    }
    fleets
}

/// Publishes an event for the system's own channels.
async fn publish(play: &Play) {
    let data = json!({"title": "A scan", "no_users": true});
    play.publish("scan_added", data).await;
}

/// What came in Slack, once that many were taken.
async fn in_slack(play: &Play, count: usize) -> Vec<Arc<Received>> {
    let slack = |all: &[Arc<Received>]| -> Vec<Arc<Received>> {
        let slack = all.iter().filter(|it| it.channel == Channel::Slack);
        slack.cloned().collect()
    };
    let taken = |all: &[Arc<Received>]| slack(all).iter().filter(|it| it.accepted).count();
    let record = &play.receivers.record;
    let all = record.wait_for("messages in Slack", PATIENCE, |all| taken(all) >= count);
    slack(&all.await.unwrap())
}

/// Until when Slack is left alone, once it is.
async fn paused(play: &Play) -> DateTime<Utc> {
    until("the pause", async || {
        let around = play.store().surroundings(Service::SlackSender, &[0]).await;
        around.unwrap().pauses.values().next().copied()
    })
    .await
}

async fn end(play: Play, fleets: Vec<Fleet>) {
    for mut fleet in fleets {
        fleet.terminate().await.unwrap();
    }
    play.end().await;
}

#[tokio::test]
async fn four_replicas_together_keep_the_rate_of_one_destination() {
    play_with(without_slack(), async |play: Play| {
        let fleets = four(&play, &[("DD_DESTINATION_RATE", "4")]).await;
        let began = Utc::now();
        for _ in 0..16 {
            publish(&play).await;
        }
        let came = in_slack(&play, 16).await;
        assert_eq!(came.len(), 16, "each once");
        // 15 intervals of a quarter of a second. Not from the first arrival, which may be late.
        let span = came[15].at - began;
        assert!(span >= TimeDelta::milliseconds(15 * 250), "{span}");
        end(play, fleets).await;
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_asks_to_slow_down_is_left_alone_by_all_replicas() {
    play_with(without_slack(), async |play: Play| {
        let fleets = four(&play, &[]).await;
        let slower = Answer::status(StatusCode::TOO_MANY_REQUESTS)
            .header(RETRY_AFTER, HeaderValue::from_static("4"));
        play.receivers.script(SLACK_POST, [slower]);
        publish(&play).await;
        paused(&play).await;
        for _ in 0..8 {
            publish(&play).await;
        }
        let came = in_slack(&play, 9).await;
        assert!(!came[0].accepted);
        let silence = (came[1].at - came[0].at).to_std().unwrap();
        assert!(silence >= Duration::from_millis(3900), "{silence:?}");
        assert_eq!(came.len(), 10, "nobody else was refused");
        end(play, fleets).await;
    })
    .await;
}

#[tokio::test]
async fn a_token_that_slack_refuses_is_tried_by_no_replica_for_a_minute() {
    play_with(without_slack(), async |play: Play| {
        let fleets = four(&play, &[]).await;
        let refused = json!({"ok": false, "error": "invalid_auth"}).to_string();
        let refused = Answer::status(StatusCode::OK).body(refused);
        play.receivers.script(SLACK_POST, [refused]);
        publish(&play).await;
        let left = paused(&play).await - Utc::now();
        assert!(
            left > TimeDelta::seconds(30) && left <= TimeDelta::seconds(60),
            "{left}"
        );
        for _ in 0..3 {
            publish(&play).await;
        }
        until("all in line", async || {
            let mut database = play.database().await;
            let waiting = "SELECT count(*) FROM parked_jobs WHERE service = 'slack-sender'";
            let waiting: i64 = sqlx::query_scalar(waiting)
                .fetch_one(&mut database)
                .await
                .unwrap();
            (waiting == 4).then_some(())
        })
        .await;
        let all = play.receivers.record.all();
        let came = all.iter().filter(|it| it.channel == Channel::Slack);
        assert_eq!(came.count(), 1, "only what was refused");
        end(play, fleets).await;
    })
    .await;
}

#[tokio::test]
async fn superusers_hear_once_of_a_channel_that_four_replicas_find_gone() {
    play_with(without_slack(), async |play: Play| {
        let fleets = four(&play, &[]).await;
        let gone = json!({"ok": false, "error": "channel_not_found"}).to_string();
        let gone = vec![Answer::status(StatusCode::OK).body(gone); 8];
        play.receivers.script(SLACK_POST, gone);
        for _ in 0..8 {
            publish(&play).await;
        }
        until("all dead letters", async || {
            let letters = play.store().dead_letters().await.unwrap();
            (letters.len() == 8).then_some(())
        })
        .await;
        until("the alert", async || {
            (!issues(&play).await.is_empty()).then_some(())
        })
        .await;
        // Whatever else was told lies in the queue before this event's alert.
        let last = play.publish("scan_added", json!({"title": "last"})).await;
        alerted(&play, &last, &[None, Some("admin")]).await;
        assert_eq!(issues(&play).await.len(), 1);
        end(play, fleets).await;
    })
    .await;
}
