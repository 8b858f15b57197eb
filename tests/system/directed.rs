//! Events that name their recipients.

use proto_events::Channel;
use proto_events::directory::RuleScope;
use serde_json::json;
use store::NewRule;
use system_tests::look::{about_cranes, alerted, received, set, settled, targets};
use system_tests::play::{MEI, Play, everything, play, until};

#[tokio::test]
async fn a_directed_event_on_the_trump_list_reaches_someone_who_switched_everything_off() {
    play(async |play: Play| {
        let off = NewRule {
            scope: RuleScope::Personal { user: MEI },
            channels: everything([]),
        };
        play.store().put_rules(&[off]).await.unwrap();
        play.in_force().await;
        let mut data = about_cranes();
        data["recipients"] = json!(["mei"]);
        data["note"] = json!("please look");
        let event = play.publish("review_requested", data.clone()).await;
        let messages = received(&play, 3).await;
        alerted(&play, &event, &[Some("mei")]).await;
        settled(&play, &event, 3).await;
        assert_eq!(
            targets(&messages),
            set(&[
                (Channel::Mail, "mei@hafen.example"),
                (Channel::Slack, "UMEI"),
                (Channel::Webhooks, "mei")
            ])
        );
        // Off the list the same event reaches nobody; the one after it shows that it was decided.
        play.publish("finding_copied", data).await;
        let last = play
            .publish(
                "product_type_deleted",
                json!({"title": "Gone", "no_users": true}),
            )
            .await;
        settled(&play, &last, 4).await;
        until("the decision on the second event", async || {
            let events = play.store().decided_events().await.unwrap();
            let copied = events.iter().find(|event| event.name == "finding_copied")?;
            assert!(copied.decisions.is_empty(), "{:?}", copied.decisions);
            Some(())
        })
        .await;
        assert_eq!(received(&play, 7).await.len(), 7);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_recipient_without_access_reads_neither_note_nor_finding_in_any_channel() {
    play(async |play: Play| {
        let mut data = about_cranes();
        data["title"] = json!("Finding review requested for Nightly - Secret-Finding");
        data["description"] = json!("Please review Secret-Finding: Secret-Note");
        data["finding"] = json!({"id": 5, "title": "Secret-Finding", "severity": "Critical"});
        data["note"] = json!("Secret-Note");
        data["recipients"] = json!(["outsider", "mei"]);
        let event = play.publish("review_requested", data).await;
        let messages = received(&play, 5).await;
        settled(&play, &event, 5).await;
        alerted(&play, &event, &[Some("mei"), Some("outsider")]).await;
        for message in &messages {
            let open = ["mei@hafen.example", "UMEI", "mei"].contains(&message.to.as_str());
            assert_eq!(
                message.body.contains("Secret-Note"),
                open,
                "{}:\n{}",
                message.to,
                message.body
            );
            assert_eq!(
                message.body.contains("Secret-Finding"),
                open,
                "{}:\n{}",
                message.to,
                message.body
            );
        }
        let alerts = play.store().alerts().await.unwrap();
        for alert in alerts {
            let text = format!("{} {}", alert.title, alert.description);
            let open = alert.owner.as_deref() == Some("mei");
            assert_eq!(
                text.contains("Secret-Finding"),
                open,
                "{:?}: {text}",
                alert.owner
            );
            assert!(open || !text.contains("Secret-Note"), "{text}");
        }
        play.end().await;
    })
    .await;
}
