//! Thousands of events while every part dies once: what the receivers got is counted exactly.

mod account;
mod expected;
mod faults;

use std::ops::Range;
use std::time::Duration;

use chassis::broker::Outgoing;
use proto_events::directory::{RuleScope, Settings};
use proto_events::{Channel, Names};
use serde_json::json;
use store::NewRule;
use system_tests::look::about_cranes;
use system_tests::play::{
    ADMIN, MEI, OUTSIDER, Opening, Play, as_event, confirmed, everything, play_with, settings,
    until_within,
};

use account::Account;
use expected::mark;
use faults::{FAULTS, Fault, Private};

/// How many events are published; `DOJO_EVENTS` may say otherwise.
const EVENTS: usize = 3000;

/// How long an attempt may take (seconds): so long that none fails on a busy machine, for
/// what is tried again may come twice. A killed sender's claims stand 30 s longer.
const ATTEMPT_TIMEOUT: u32 = 15;

/// How long it may take, after the last fault, until nothing is under way any more.
const QUIET_WITHIN: Duration = Duration::from_secs(300);

/// How many events are given to the broker at once.
const CHUNK: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_delivery_arrives_and_only_what_was_in_flight_at_a_kill_may_come_twice() {
    let _calm = crate::MACHINE.read().await;
    let mut private = Private::start().await;
    let opening = Opening {
        servers: private.servers(),
        environment: vec![("DD_ATTEMPT_TIMEOUT", ATTEMPT_TIMEOUT.to_string())],
        ..Opening::default()
    };
    play_with(opening, async |mut play: Play| {
        choose_channels(&play).await;
        let mut account = Account::default();
        let events = std::env::var("DOJO_EVENTS").map_or(EVENTS, |number| number.parse().unwrap());
        let wave = events / FAULTS.len();
        for fault in FAULTS {
            // A kill between two attempts proves nothing: another wave, another kill.
            while !strike(fault, &mut private, &mut play, wave, &mut account).await {
                assert!(account.published < 2 * events, "{fault}: no kill hits");
            }
        }
        until_within(QUIET_WITHIN, "the end of all deliveries", async || {
            account.is_quiet(&play).await.then_some(())
        })
        .await;
        play.fleet.terminate().await.unwrap();
        assert_eq!(play.world.messages_in_queues().await.unwrap(), 0);
        let account = account.closed(&play).await;
        println!("{account}");
        assert!(account.problems.is_empty(), "{:#?}", account.problems);
        play.end().await;
    })
    .await;
}

/// Publishes a wave of events and strikes in its midst. Gives whether that hit anything.
async fn strike(
    fault: Fault,
    private: &mut Private,
    play: &mut Play,
    wave: usize,
    account: &mut Account,
) -> bool {
    let wave = account.published..account.published + wave;
    account.published = wave.end;
    let messages = messages(play.world.names(), wave.clone());
    let publisher = play.publisher.clone();
    let publishing = async {
        for chunk in messages.chunks(CHUNK) {
            confirmed(&publisher, chunk).await;
        }
    };
    let (in_flight, ()) = tokio::join!(private.strike(fault, play, wave), publishing);
    account.in_flight.extend(&in_flight);
    !fault.leaves_claims() || !in_flight.is_empty()
}

/// Every event goes once to each of [`expected::TARGETS`] and [`expected::ALERTED`].
async fn choose_channels(play: &Play) {
    use Channel::{Alert, Mail, Msteams, Slack, Webhooks};
    let rule = |scope, channels: &[Channel]| NewRule {
        scope,
        channels: everything(channels.iter().copied()),
    };
    let rules = [
        rule(RuleScope::System, &[Slack, Msteams, Webhooks, Alert]),
        rule(RuleScope::Personal { user: MEI }, &[Mail, Webhooks, Alert]),
        rule(RuleScope::Personal { user: ADMIN }, &[]),
        rule(RuleScope::Personal { user: OUTSIDER }, &[]),
    ];
    play.store().put_rules(&rules).await.unwrap();
    let settings = Settings {
        webhooks_notifications_timeout: ATTEMPT_TIMEOUT,
        ..settings()
    };
    play.store().put_settings(&settings).await.unwrap();
    play.in_force().await;
}

/// Events with these numbers, each with its number in the title.
fn messages(names: &Names, numbers: Range<usize>) -> Vec<Outgoing> {
    let message = |number| {
        let mut data = about_cranes();
        data["title"] = json!(format!("Test created for Cranes: {}", mark(number)));
        let event = json!({
            "specversion": "1.0", "id": mark(number), "source": "chaos", "type": "test_added", "data": data,
        });
        as_event(names, "test_added", event.to_string().into_bytes())
    };
    numbers.map(message).collect()
}
