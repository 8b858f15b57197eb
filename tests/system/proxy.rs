//! Where the way out leads over a proxy.

use std::sync::Arc;

use notifyctl::stage::receivers::{Received, Via};
use proto_events::{Channel, Service};
use serde_json::json;
use system_tests::play::{Opening, PATIENCE, Play, play_with};

#[tokio::test]
async fn senders_go_out_through_the_proxy_that_the_environment_names() {
    let others = Service::ALL.into_iter();
    let opening = Opening {
        services: others.filter(|it| *it != Service::SlackSender).collect(),
        ..Opening::default()
    };
    play_with(opening, async |mut play: Play| {
        let environment = play.receivers.environment();
        let found = environment
            .into_iter()
            .find(|(name, _)| *name == "DD_SLACK_API_URL");
        let (_, api) = found.unwrap();
        // The receivers stand for a proxy: they take what is for a name that nobody can look up.
        let proxy = api.strip_suffix("/slack").unwrap();
        let slack = Service::SlackSender;
        play.fleet.set(slack, "HTTP_PROXY", proxy);
        play.fleet
            .set(slack, "DD_SLACK_API_URL", "http://slack.invalid/slack");
        play.fleet.start(&[slack]).unwrap();
        play.fleet.ready(PATIENCE).await.unwrap();
        play.publish("scan_added", json!({"title": "A scan", "no_users": true}))
            .await;
        let record = &play.receivers.record;
        let all = record.wait_for("a message in Slack", PATIENCE, |all| {
            all.iter().any(came_in_slack)
        });
        let all = all.await.unwrap();
        let message = all.iter().find(|it| came_in_slack(it)).unwrap();
        let Via::Http { headers, .. } = &message.via else {
            panic!("not by HTTP")
        };
        assert_eq!(headers["host"], "slack.invalid");
        play.end().await;
    })
    .await;
}

fn came_in_slack(message: &Arc<Received>) -> bool {
    message.channel == Channel::Slack && message.accepted
}
