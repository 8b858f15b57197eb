//! An administrator sends again what was given up.

use notifyctl::stage::Answer;
use reqwest::StatusCode;
use system_tests::look::{about_cranes, received};

use crate::visit::{Visit, visit};

#[tokio::test]
async fn a_dead_letter_is_found_sent_again_and_dealt_with() {
    visit("admin", async |visit: Visit| {
        let refused = Answer::status(StatusCode::UNPROCESSABLE_ENTITY);
        visit.play.receivers.script("/hooks/mei", [refused]);
        visit.play.publish("test_added", about_cranes()).await;
        received(&visit.play, 8).await;
        visit.go_until("/dead-letters", "Send again").await;
        visit.tick_first("ids").await;
        visit.press("Send again").await;
        visit.agree("Send again").await;
        visit.sees("1 letter sent again.").await;
        received(&visit.play, 9).await;
        visit.go("/dead-letters").await;
        assert!(
            !visit.shows("422").await,
            "what was sent again waits no more"
        );
        visit
    })
    .await;
}
