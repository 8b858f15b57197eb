//! Templates that people write, in the hands of running senders.

use notifyctl::stage::receivers::Received;
use proto_events::{Channel, Service};
use serde_json::json;
use std::sync::Arc;
use system_tests::look::shown;
use system_tests::play::{PATIENCE, Play, play, until};

/// Waits until the Slack sender tells this of itself.
async fn told(play: &Play, line: &str) {
    until(line, async || {
        let metrics = shown(play, Service::SlackSender, "metrics").await;
        metrics.contains(line).then_some(())
    })
    .await;
}

/// The message in Slack that has a title.
async fn in_slack(play: &Play, title: &str) -> String {
    let data = json!({"title": title, "no_users": true});
    play.publish("scan_added", data).await;
    let found = |all: &[Arc<Received>]| {
        let mut all = all.iter();
        all.any(|it| it.channel == Channel::Slack && it.body.contains(title))
    };
    let record = &play.receivers.record;
    let all = record.wait_for(title, PATIENCE, found).await.unwrap();
    let message = all
        .iter()
        .find(|it| it.channel == Channel::Slack && it.body.contains(title));
    message.unwrap().body.clone()
}

#[tokio::test]
async fn what_people_write_is_in_force_without_a_restart_and_the_built_in_one_stands_in_where_it_fails()
 {
    play(async |play: Play| {
        let (store, file) = (play.store(), "slack/scan_added.txt");
        told(&play, "templates_stored{state=\"used\"} 0").await;
        // It divides by zero where the title is as long as no sample's.
        let source = "Ahoy{{ 1 // (title|length - 11) }} from the page";
        store.put_template(file, source, "admin").await.unwrap();
        told(&play, "templates_stored{state=\"used\"} 1").await;
        assert!(in_slack(&play, "Scan").await.contains("from the page"));
        assert!(
            !in_slack(&play, "Eleven sign")
                .await
                .contains("from the page")
        );
        told(&play, "template_fallbacks_total 1").await;
        // A former release's template, which this one cannot read.
        store.put_template(file, "{% if %}", "admin").await.unwrap();
        told(&play, "templates_stored{state=\"broken\"} 1").await;
        assert!(!in_slack(&play, "Later").await.contains("from the page"));
        store.remove_template(file).await.unwrap();
        told(&play, "templates_stored{state=\"broken\"} 0").await;
        play.end().await;
    })
    .await;
}
