//! What was given up is told to superusers, once an hour of each destination.

use notifyctl::stage::receivers::Answer;
use reqwest::StatusCode;
use serde_json::json;
use system_tests::look::alerted;
use system_tests::play::{Play, play, until};

/// Alerts about notifications that went wrong, as (owner, title).
pub(crate) async fn issues(play: &Play) -> Vec<(String, String)> {
    let alerts = play.store().alerts().await.unwrap().into_iter();
    let issues = alerts.filter(|alert| alert.title.starts_with("Notification issue"));
    issues
        .map(|alert| (alert.owner.unwrap_or_default(), alert.title))
        .collect()
}

#[tokio::test]
async fn superusers_hear_once_of_an_endpoint_that_refuses_and_nobody_else_does() {
    play(async |play: Play| {
        let refused = || Answer::status(StatusCode::GONE);
        play.receivers
            .script("/hooks/system", [refused(), refused()]);
        for title in ["one", "two"] {
            let data = json!({"title": title, "no_users": true});
            play.publish("scan_added", data).await;
        }
        until("both dead letters", async || {
            let account = play.store().account().await.unwrap();
            let letters: i64 = account.dead_letters.iter().map(|(_, _, count)| count).sum();
            (letters == 2).then_some(())
        })
        .await;
        until("the alert", async || {
            (!issues(&play).await.is_empty()).then_some(())
        })
        .await;
        // Whatever else was told lies in the queue before this event's alert.
        let last = play.publish("scan_added", json!({"title": "three"})).await;
        alerted(&play, &last, &[None, Some("admin")]).await;
        let expected = "Notification issue: webhooks to system";
        let expected = [("admin".to_owned(), expected.to_owned())];
        assert_eq!(issues(&play).await, expected);
        play.end().await;
    })
    .await;
}
