//! Teams, from the event to what Teams was asked.

use notifyctl::stage::Answer;
use proto_events::outcome::State;
use proto_events::{Channel, Reason, Service};
use reqwest::StatusCode;
use secrecy::SecretString;
use serde_json::Value;
use system_tests::look::{about_cranes, settled};
use system_tests::play::{PATIENCE, Play, play};
use url::Url;

use crate::bad_input::filed;

/// An old connector's address. Without TLS, so that a proxy can stand for Microsoft.
const CONNECTOR: &str = "http://hafen.webhook.office.com/teams/connector";

/// Sets the system's Teams address, and starts the sender with our receivers as its proxy.
async fn lead_to(play: &mut Play, address: &str) {
    let (token, address) = (SecretString::from("xoxb-t"), SecretString::from(address));
    let secrets = play
        .store()
        .put_settings_secrets(Some(&token), Some(&address));
    secrets.await.unwrap();
    let receivers = Url::parse(&play.receivers.teams_url()).unwrap();
    let proxy = receivers.join("/").unwrap();
    play.fleet.kill(Service::TeamsSender).await.unwrap();
    play.fleet
        .set(Service::TeamsSender, "HTTP_PROXY", proxy.as_str());
    play.fleet.start(&[Service::TeamsSender]).unwrap();
    play.fleet.ready(PATIENCE).await.unwrap();
}

/// Publishes an event, and gives what became of its card.
async fn card(play: &Play) -> (State, i64) {
    let event = play.publish("test_added", about_cranes()).await;
    let ledger = settled(play, &event, 9).await;
    let mut cards = ledger.iter().filter(|it| it.channel == Channel::Msteams);
    let card = cards.next().unwrap();
    (card.state, card.attempts)
}

#[tokio::test]
async fn an_old_connector_gets_message_cards_its_failures_are_seen_and_it_is_warned_of_once() {
    play(async |mut play: Play| {
        lead_to(&mut play, CONNECTOR).await;
        let failure = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ContextId tcid=0";
        let posted = Answer::status(StatusCode::OK).body("1");
        let failed = Answer::status(StatusCode::OK).body(failure);
        play.receivers.script("/teams/connector", [posted, failed]);

        assert_eq!(card(&play).await, (State::Delivered, 1));
        assert_eq!(card(&play).await, (State::Dead, 1));
        let letters = filed(&play, 1).await;
        assert_eq!(letters[0].reason, Reason::TooLarge);
        let all = play.receivers.record.all();
        let cards: Vec<Value> = all
            .iter()
            .filter(|it| it.channel == Channel::Msteams)
            .map(|it| it.json())
            .collect();
        assert_eq!(cards.len(), 2);
        for card in cards {
            assert_eq!(card["@type"], "MessageCard");
            let title = &card["sections"][0]["activityTitle"];
            assert_eq!(*title, about_cranes()["title"]);
        }
        let log = std::fs::read_to_string(play.fleet.log(Service::TeamsSender)).unwrap();
        assert_eq!(log.matches("which Microsoft switches off").count(), 1);
        assert!(!log.contains("hafen.webhook"), "the address is a secret");
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_workflow_s_202_is_written_down_as_accepted() {
    play(async |play: Play| {
        assert_eq!(card(&play).await, (State::Accepted, 1));
        let log = std::fs::read_to_string(play.fleet.log(Service::TeamsSender)).unwrap();
        assert!(!log.contains("Microsoft"), "{log}");
        play.end().await;
    })
    .await;
}
