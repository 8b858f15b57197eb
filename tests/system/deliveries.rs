//! `notifyctl deliveries`: one event's whole story.

use notifyctl::stage::Answer;
use notifyctl::stage::receivers::http::hook_path;
use proto_events::Channel;
use reqwest::StatusCode;
use serde_json::Value;
use system_tests::look::{about_cranes, settled};
use system_tests::play::{Play, play};

use crate::operator::{run_in, words};

async fn object(play: &Play, arguments: &[&str]) -> Value {
    let output = run_in(&play.world, arguments, &[]).await;
    assert!(output.status.success(), "{}", words(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn an_events_story_holds_decision_attempts_reasons_and_dead_letters() {
    play(async |play: Play| {
        let refused = Answer::status(StatusCode::GONE);
        play.receivers.script(&hook_path("mei"), [refused]);
        let event = play.publish("test_added", about_cranes()).await;
        let ledger = settled(&play, &event, 9).await;
        let story = object(&play, &["deliveries", "show", &event, "--json"]).await;
        assert_eq!(story["events"][0]["name"], "test_added");
        let told = story["deliveries"].as_array().unwrap();
        assert_eq!(told.len(), ledger.len());
        assert!(
            told.iter()
                .all(|it| it["attempts"][0]["finished_at"].is_string()),
            "{story:#}"
        );
        let of_mei = ledger
            .iter()
            .find(|it| it.channel == Channel::Webhooks && it.recipient.as_deref() == Some("mei"));
        let job = of_mei.unwrap().job.to_string();
        let one = object(&play, &["deliveries", "show", &job, "--json"]).await;
        assert_eq!(one["deliveries"].as_array().unwrap().len(), 1);
        assert_eq!(one["deliveries"][0]["recipient"], "mei");
        let seen = one["deliveries"][0]["attempts"][0]["detail"].as_str();
        assert!(seen.unwrap().contains("410"), "{one:#}");
        let list = run_in(&play.world, &["deliveries", "list", "--event", &event], &[]).await;
        assert!(words(&list).contains(&job), "{}", words(&list));
        let unknown = run_in(&play.world, &["deliveries", "show", "nobody-knows"], &[]).await;
        assert_eq!(unknown.status.code(), Some(1));
        assert!(
            words(&unknown).contains("nothing is known"),
            "{}",
            words(&unknown)
        );
        play.end().await;
    })
    .await;
}
