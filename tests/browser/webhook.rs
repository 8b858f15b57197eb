//! Somebody adds an endpoint that does not answer rightly at first.

use notifyctl::stage::Answer;
use reqwest::StatusCode;

use crate::visit::{Visit, visit};

#[tokio::test]
async fn an_endpoint_whose_ping_fails_is_not_added_and_is_once_it_answers() {
    visit("mei", async |visit: Visit| {
        let broken = Answer::status(StatusCode::INTERNAL_SERVER_ERROR);
        visit.play.receivers.script("/hooks/new", [broken]);
        visit.go("/webhooks").await;
        visit.press("Add an endpoint").await;
        visit.write("name", "Pager").await;
        let url = visit.play.receivers.hook_url("new");
        visit.write("url", &url).await;
        visit.press("Ping and add").await;
        visit.sees("500").await;
        let kept = visit.play.store().review_webhooks().await.unwrap();
        assert!(kept.iter().all(|webhook| webhook.name != "Pager"));

        // What was written still stands there.
        visit.press("Ping and add").await;
        visit.sees("Added.").await;
        let path = visit.path().await;
        assert!(path.starts_with("/webhooks/"), "{path}");
        visit
    })
    .await;
}
