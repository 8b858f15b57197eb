//! Whatever becomes of an event on its way: it is routed or kept.

use std::collections::HashSet;
use std::time::Duration;

use chassis::broker::{Headers, Outgoing};
use chrono::Utc;
use fastrand::Rng;
use proto_events::{Event, Reason, Service};
use serde_json::{Value, json};
use system_tests::play::{Opening, Play, as_event, confirmed, play_with, until_within};

use super::mutation::spoilt;

/// Recorded from a running DefectDojo.
const RECORDED: &str = include_str!("../../fixtures/events.jsonl");

/// How many spoilt events are published.
const SPOILT: usize = 10_000;

/// How many are given to the broker at once.
const CHUNK: usize = 200;

/// How long the router may take over them.
const WITHIN: Duration = Duration::from_secs(180);

#[tokio::test]
async fn of_ten_thousand_spoilt_events_each_is_routed_or_kept_with_a_reason() {
    let seed =
        std::env::var("DOJO_SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("DOJO_SEED={seed}");
    let opening = Opening {
        services: vec![Service::EventRouter],
        ..Opening::default()
    };
    play_with(opening, async |mut play: Play| {
        let router = play.fleet.process_id(Service::EventRouter);
        let messages = spoilt_messages(&play, seed);
        for chunk in messages.chunks(CHUNK) {
            confirmed(&play.publisher, chunk).await;
        }
        let (routed, kept) = until_within(WITHIN, "the end of all events", async || {
            let account = play.store().account().await.unwrap();
            let routed = usize::try_from(account.events).unwrap();
            let kept: i64 = account.dead_letters.iter().map(|(.., count)| count).sum();
            let kept = usize::try_from(kept).unwrap();
            (routed + kept >= messages.len()).then_some((routed, kept))
        })
        .await;
        println!("{} sent: {routed} routed, {kept} kept", messages.len());
        assert_eq!(routed + kept, SPOILT);
        assert!(routed > 0 && kept > 0);
        let bodies: HashSet<Vec<u8>> = messages.into_iter().map(|message| message.body).collect();
        for letter in play.store().dead_letters().await.unwrap() {
            assert_eq!(letter.reason, Reason::Unreadable);
            assert!(
                (1..1000).contains(&letter.detail.len()),
                "{}",
                letter.detail
            );
            assert!(
                bodies.contains(&letter.body),
                "a dead letter is not as it came: {letter:?}"
            );
        }
        play.fleet.check().unwrap();
        assert_eq!(play.fleet.process_id(Service::EventRouter), router);
        play.in_force().await;
        assert_eq!(
            play.world.messages_for(Service::EventRouter).await.unwrap(),
            0
        );
        play.end().await;
    })
    .await;
}

/// Recorded events, each spoilt, under an id and a time of its own. Those that can still be
/// read must differ in what identifies an event, or two of them would have one record.
fn spoilt_messages(play: &Play, seed: u64) -> Vec<Outgoing> {
    let mut random = Rng::with_seed(seed);
    let recorded: Vec<Value> = RECORDED
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut known = HashSet::new();
    let mut messages = Vec::new();
    let now = Utc::now().timestamp_millis();
    while messages.len() < SPOILT {
        let number = messages.len();
        let mut event = recorded[random.usize(..recorded.len())].clone();
        event["id"] = json!(format!("spoilt-{number}"));
        let body = spoilt(&event.to_string(), &mut random);
        if Event::parse(&body).is_ok_and(|event| !known.insert((event.source, event.id))) {
            continue;
        }
        messages.push(Outgoing {
            headers: Headers::first(now - i64::try_from(number).unwrap(), None),
            ..as_event(play.world.names(), "spoilt", body)
        });
    }
    messages
}
