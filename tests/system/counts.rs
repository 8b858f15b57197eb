//! What senders count: the same in every channel, and no more or less than what left.

use std::collections::BTreeSet;

use proto_events::outcome::State;
use proto_events::{Channel, Service};
use system_tests::look::{about_cranes, settled, shown};
use system_tests::play::{Play, play, until};

/// What every sender shows; `{}` is its channel.
const EVERYWHERE: [&str; 7] = [
    "dojo_notify_attempts_total{channel=\"{}\",outcome=\"delivered\",reason=\"\"}",
    "dojo_notify_attempts_total{channel=\"{}\",outcome=\"accepted\",reason=\"\"}",
    "dojo_notify_attempts_total{channel=\"{}\",outcome=\"retrying\",reason=\"timeout\"}",
    "dojo_notify_attempts_total{channel=\"{}\",outcome=\"dead\",reason=\"expired\"}",
    "dojo_notify_attempts_in_flight{channel=\"{}\"}",
    "dojo_notify_jobs_parked_total{channel=\"{}\"}",
    "dojo_notify_attempt_seconds_count{channel=\"{}\"}",
];

async fn metrics(play: &Play, service: Service) -> Vec<(String, f64)> {
    let text = shown(play, service, "metrics").await;
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

fn sender_of(channel: Channel) -> Service {
    let mut all = Service::ALL.into_iter();
    all.find(|service| service.channel() == Some(channel))
        .unwrap()
}

#[tokio::test]
async fn every_sender_shows_the_same_metrics_from_0_on() {
    play(async |play: Play| {
        for channel in Channel::ALL {
            let shown = metrics(&play, sender_of(channel)).await;
            for expected in EVERYWHERE {
                let expected = expected.replace("{}", channel.as_str());
                let found = shown.iter().find(|(name, _)| *name == expected);
                assert_eq!(found, Some(&(expected, 0.0)), "{channel}");
            }
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_receivers_got_is_what_ledger_and_metrics_tell() {
    play(async |play: Play| {
        let event = play.publish("test_added", about_cranes()).await;
        let entries = settled(&play, &event, 9).await;
        let arrived = [State::Delivered, State::Accepted];
        for channel in Channel::ALL.into_iter().filter(|it| *it != Channel::Alert) {
            let in_ledger: BTreeSet<String> = entries
                .iter()
                .filter(|entry| entry.channel == channel && arrived.contains(&entry.state))
                .map(|entry| entry.job.to_string())
                .collect();
            let all = play.receivers.record.all();
            let received: BTreeSet<String> = all
                .iter()
                .filter(|message| message.channel == channel)
                .map(|message| message.job.unwrap().to_string())
                .collect();
            assert_eq!(received, in_ledger, "{channel}");
            until("the metric", async || {
                let counted: f64 = metrics(&play, sender_of(channel))
                    .await
                    .iter()
                    .filter(|(name, _)| {
                        name.starts_with("dojo_notify_attempts_total")
                            && arrived.iter().any(|state| name.contains(state.as_str()))
                    })
                    .map(|(_, value)| value)
                    .sum();
                let difference = counted - received.len() as f64;
                (difference.abs() < 0.5).then_some(())
            })
            .await;
        }
        play.end().await;
    })
    .await;
}
