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
        location: None,
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
fn a_connector_s_failure_means_what_the_status_in_it_means() {
    let met = |status: u16| {
        let words = format!(
            "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error {status} with ContextId tcid=0"
        );
        judged(200, &words)
    };
    let too_large = Reason::TooLarge;
    assert!(matches!(met(413), Outcome::Rejected { reason, .. } if reason == too_large));
    let gone = Reason::EndpointGone;
    assert!(matches!(met(404), Outcome::Rejected { reason, .. } if reason == gone));
    let unauthorized = Reason::Unauthorized;
    assert!(matches!(met(403), Outcome::Retry { reason, .. } if reason == unauthorized));
}

#[test]
fn an_error_in_json_is_a_failure_and_other_words_are_none() {
    let failed = judged(200, r#"{"error":{"code":"X","message":"no"}}"#);
    let error = Reason::ReceiverError;
    assert!(matches!(failed, Outcome::Retry { reason, .. } if reason == error));
    for words in [
        "",
        "1",
        "ok",
        r#"{"error":null}"#,
        "HTTP error none",
        "HTTP error 200",
    ] {
        let outcome = judged(200, words);
        assert!(
            matches!(outcome, Outcome::Delivered(_)),
            "{words}: {outcome:?}"
        );
    }
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
