//! What Teams' answers mean.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use delivery::http::Answer;
use proto_events::{Outcome, Reason};
use reqwest::StatusCode;
use teams_sender::answer::posted;

fn judged(status: u16, body: &str) -> Outcome {
    posted(&Answer {
        status: StatusCode::from_u16(status).unwrap(),
        retry_after: None,
        body: body.to_owned(),
    })
}

#[test]
fn a_workflow_that_accepts_does_not_say_that_it_has_posted() {
    assert!(matches!(judged(202, ""), Outcome::Delivered(receipt) if receipt.accepted_only));
    assert!(matches!(judged(200, "1"), Outcome::Delivered(receipt) if !receipt.accepted_only));
}

#[test]
fn an_old_connector_that_fails_with_200_is_a_failure() {
    let words = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId";
    assert!(matches!(
        judged(200, words),
        Outcome::Retry {
            reason: Reason::RateLimited,
            ..
        }
    ));
    let words = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 503";
    assert!(matches!(
        judged(200, words),
        Outcome::Retry {
            reason: Reason::ReceiverError,
            ..
        }
    ));
}

#[test]
fn a_removed_workflow_is_gone() {
    assert!(matches!(
        judged(404, ""),
        Outcome::Rejected {
            reason: Reason::EndpointGone,
            ..
        }
    ));
}
