//! `notifyctl status`: everything on one screen.

use proto_events::{Channel, Service};
use serde_json::Value;
use system_tests::look::{about_cranes, received};
use system_tests::play::{Play, play};

use crate::operator::{run_in, words};

async fn status(play: &Play, variables: &[(&str, &str)]) -> (Value, Option<i32>) {
    let output = run_in(&play.world, &["status", "--json"], variables).await;
    let object = serde_json::from_slice(&output.stdout);
    (
        object.unwrap_or_else(|_| panic!("{}", words(&output))),
        output.status.code(),
    )
}

fn service(status: &Value, service: Service) -> Value {
    let all = status["services"].as_array().unwrap();
    let found = all.iter().find(|it| it["service"] == service.as_str());
    found.unwrap().clone()
}

#[tokio::test]
async fn status_shows_readers_lines_holds_and_endpoints() {
    play(async |play: Play| {
        let held = run_in(&play.world, &["pause", "slack", "--note", "tonight"], &[]).await;
        assert!(held.status.success(), "{}", words(&held));
        play.publish("test_added", about_cranes()).await;
        system_tests::play::until("a line before Slack", async || {
            let (status, code) = status(&play, &[]).await;
            assert_eq!(code, Some(0));
            (service(&status, Service::of(Channel::Slack))["parked"].as_i64()? > 0).then_some(())
        })
        .await;
        let (status, _) = status(&play, &[]).await;
        for it in Service::ALL {
            assert_eq!(service(&status, it)["ready"], 0, "{it}");
        }
        let slack = service(&status, Service::SlackSender);
        assert_eq!(
            (&slack["held"], &slack["readers"]),
            (&true.into(), &1.into())
        );
        assert_eq!(status["endpoints"]["active"], 2);
        assert_eq!(status["schema_current"], true);
        let screen = run_in(&play.world, &["status"], &[]).await;
        assert!(
            words(&screen).contains("held       slack-sender since"),
            "{}",
            words(&screen)
        );
        assert!(words(&screen).contains(": tonight"), "{}", words(&screen));
        received(&play, 2).await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn status_shows_what_it_can_when_the_broker_is_away() {
    play(async |play: Play| {
        let away = [("DD_BROKER_URL", "amqp://127.0.0.1:9/%2f")];
        let (status, code) = status(&play, &away).await;
        assert_eq!(code, Some(1));
        assert!(
            status["broker_error"]
                .as_str()
                .unwrap()
                .contains("127.0.0.1:9")
        );
        let router = service(&status, Service::EventRouter);
        assert_eq!(
            (&router["ready"], &router["parked"]),
            (&Value::Null, &0.into())
        );
        play.end().await;
    })
    .await;
}
