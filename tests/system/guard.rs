//! Webhooks and where they may go, with the programs as they run.

use notifyctl::stage::Answer;
use notifyctl::stage::receivers::http::hook_path;
use notifyctl::stage::receivers::{Received, Via};
use proto_events::outcome::State;
use proto_events::{Channel, Reason, Service};
use reqwest::StatusCode;
use reqwest::header::{HeaderValue, LOCATION};
use serde_json::{Value, json};
use store::NewWebhook;
use system_tests::look::{about_cranes, settled};
use system_tests::play::{PATIENCE, Play, play, until};

use crate::operator::{notifyctl, words};

#[tokio::test]
async fn without_exceptions_nothing_goes_to_this_machine() {
    play(async |mut play: Play| {
        let sender = Service::WebhookSender;
        play.fleet.set(sender, "DD_WEBHOOK_ALLOWED_NETWORKS", "");
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

#[tokio::test]
async fn the_environments_proxy_gets_no_webhook() {
    play(async |mut play: Play| {
        let sender = Service::WebhookSender;
        let proxy = play.receivers.hook_url("proxy");
        for variable in ["HTTP_PROXY", "HTTPS_PROXY"] {
            play.fleet.set(sender, variable, &proxy);
        }
        play.fleet.renew(sender, PATIENCE).await.unwrap();
        // Names that a proxy would be asked for, and that nobody can look up.
        for scheme in ["http", "https"] {
            let webhook = NewWebhook {
                name: scheme.to_owned(),
                url: format!("{scheme}://hook.invalid/in"),
                header_name: None,
                header_value: None,
                owner: None,
            };
            play.store().put_webhook(&webhook).await.unwrap();
        }
        play.in_force().await;
        let data = json!({"title": "A scan", "no_users": true});
        let event = play.publish("scan_added", data).await;
        let sql = "SELECT d.reason FROM deliveries AS d JOIN destinations AS place ON place.id = d.destination
             JOIN notification_webhooks AS w ON w.id = place.webhook_id
             WHERE d.event_id = $1 AND w.url LIKE '%hook.invalid/in' AND d.reason IS NOT NULL";
        let reasons: Vec<String> = until("both attempts", async || {
            let mut database = play.database().await;
            let reasons = sqlx::query_scalar(sql).bind(&event);
            let reasons: Vec<String> = reasons.fetch_all(&mut database).await.unwrap();
            (reasons.len() == 2).then_some(reasons)
        })
        .await;
        assert_eq!(reasons, ["dns", "dns"]);
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

#[tokio::test]
async fn an_endpoint_is_listed_switched_off_and_on_and_its_steps_are_told() {
    play(async |play: Play| {
        let here = "127.0.0.0/8";
        let url = play.receivers.hook_url("new");
        let (done, said) = webhook(&play, here, &["add", "new", &url]).await;
        assert!(done, "{said}");
        let (_, id) = said.trim().rsplit_once(' ').unwrap();
        let id = id.trim_end_matches('.');
        let off = ["list", "--status", "inactive_permanent", "--json"];
        assert_eq!(webhook(&play, here, &off).await, (true, String::new()));

        let (done, said) = webhook(&play, here, &["deactivate", id]).await;
        assert!(done && said.contains("is switched off"), "{said}");
        let (_, listed) = webhook(&play, here, &off).await;
        let listed: Value = serde_json::from_str(&listed).unwrap();
        assert_eq!(listed["name"], "new");
        assert_eq!(listed["disabled_by_person"], true);

        let broken = Answer::status(StatusCode::INTERNAL_SERVER_ERROR);
        play.receivers.script(&hook_path("new"), [broken]);
        let (done, said) = webhook(&play, here, &["activate", id]).await;
        assert!(!done && said.contains("it answered HTTP 500"), "{said}");
        let (done, said) = webhook(&play, here, &["activate", id]).await;
        assert!(done && said.contains("new is active."), "{said}");

        let (_, steps) = webhook(&play, here, &["history", id]).await;
        let steps: Vec<_> = steps.lines().collect();
        assert!(steps[0].contains("new: active since"), "{steps:?}");
        assert!(
            steps[1].contains("inactive_permanent → active"),
            "{steps:?}"
        );
        assert!(
            steps[2].contains("active → inactive_permanent"),
            "{steps:?}"
        );
        let (done, said) = webhook(&play, here, &["deactivate", "999999"]).await;
        assert!(
            !done && said.contains("there is no endpoint 999999"),
            "{said}"
        );
        play.end().await;
    })
    .await;
}
