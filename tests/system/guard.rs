//! Webhooks and where they may go, with the programs as they run.

use notifyctl::stage::Answer;
use notifyctl::stage::receivers::http::hook_path;
use notifyctl::stage::receivers::{Received, Via};
use proto_events::outcome::State;
use proto_events::{Channel, Reason, Service};
use reqwest::StatusCode;
use reqwest::header::{HeaderValue, LOCATION};
use system_tests::look::{about_cranes, settled};
use system_tests::play::{PATIENCE, Play, play};

use crate::operator::{notifyctl, words};

#[tokio::test]
async fn without_exceptions_nothing_goes_to_this_machine_and_the_environments_proxy_does_not_count()
{
    play(async |mut play: Play| {
        let sender = Service::WebhookSender;
        let proxy = play.receivers.hook_url("proxy");
        play.fleet.set(sender, "DD_WEBHOOK_ALLOWED_NETWORKS", "");
        play.fleet.set(sender, "HTTP_PROXY", &proxy);
        play.fleet.renew(sender, PATIENCE).await.unwrap();
        let event = play.publish("test_added", about_cranes()).await;
        let ledger = settled(&play, &event, 9).await;
        let hooks: Vec<_> = ledger
            .iter()
            .filter(|it| it.channel == Channel::Webhooks)
            .collect();
        assert!(!hooks.is_empty() && hooks.iter().all(|it| it.state == State::Dead));
        let letters = play.store().dead_letters().await.unwrap();
        assert_eq!(letters.len(), hooks.len());
        for letter in &letters {
            assert_eq!(letter.reason, Reason::AddressRefused);
            assert!(letter.detail.contains("DD_WEBHOOK_ALLOWED_NETWORKS"));
        }
        let all = play.receivers.record.all();
        assert!(all.iter().all(|it| it.channel != Channel::Webhooks));
        play.end().await;
    })
    .await;
}

/// Runs a command in the play's world. Gives whether it succeeded, and its words.
async fn webhook(play: &Play, networks: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = notifyctl(&["webhook"]);
    command
        .args(arguments)
        .envs(play.world.environment())
        .env("DD_WEBHOOK_ALLOWED_NETWORKS", networks);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    (output.status.success(), words(&output))
}

/// The signatures of the newest ping.
fn signatures(play: &Play) -> usize {
    let all = play.receivers.record.all();
    let Received {
        via: Via::Http { headers, .. },
        ..
    } = &**all.last().unwrap()
    else {
        panic!("not by HTTP")
    };
    assert_eq!(headers["x-defectdojo-event"], "ping");
    let given = headers.get("webhook-signature");
    given.map_or(0, |given| given.split(' ').count())
}

#[tokio::test]
async fn an_endpoint_is_tried_before_it_is_stored_and_its_requests_are_signed() {
    play(async |play: Play| {
        let here = "127.0.0.0/8";
        let url = play.receivers.hook_url("new");
        let add = ["add", "new", url.as_str()];
        let (done, said) = webhook(&play, "", &add).await;
        assert!(
            !done && said.contains("DD_WEBHOOK_ALLOWED_NETWORKS"),
            "{said}"
        );
        let path = hook_path("new");
        let broken = Answer::status(StatusCode::INTERNAL_SERVER_ERROR);
        play.receivers.script(&path, [broken]);
        let (done, said) = webhook(&play, here, &add).await;
        assert!(
            !done && said.contains("not successful: it answered HTTP 500"),
            "{said}"
        );
        let (done, said) = webhook(&play, here, &add).await;
        assert!(done && said.contains("Stored new as endpoint "), "{said}");
        assert_eq!(signatures(&play), 0);
        let (done, twice) = webhook(&play, here, &add).await;
        assert!(!done && twice.contains("already"), "{twice}");

        let (_, id) = said.trim().rsplit_once(' ').unwrap();
        let id = id.trim_end_matches('.');
        let (done, said) = webhook(&play, here, &["secret", id]).await;
        assert!(done && said.contains("whsec_"), "{said}");
        assert!(webhook(&play, here, &["ping", id]).await.0);
        assert_eq!(signatures(&play), 1);
        let (done, said) = webhook(&play, here, &["secret", id]).await;
        assert!(!done && said.contains("--rotate"), "{said}");
        assert!(webhook(&play, here, &["secret", id, "--rotate"]).await.0);
        let moved = Answer::status(StatusCode::MOVED_PERMANENTLY).header(
            LOCATION,
            HeaderValue::from_static("https://new.example/hook"),
        );
        play.receivers.script(&path, [moved]);
        let (done, said) = webhook(&play, here, &["ping", id]).await;
        assert!(
            done && said.contains("points to https://new.example/hook"),
            "{said}"
        );
        assert_eq!(signatures(&play), 2);
        assert!(webhook(&play, here, &["secret", id, "--remove"]).await.0);
        assert!(webhook(&play, here, &["ping", id]).await.0);
        assert_eq!(signatures(&play), 0);
        play.end().await;
    })
    .await;
}
