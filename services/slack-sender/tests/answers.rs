//! What Slack's answers mean.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use std::time::Duration;

use delivery::http::Answer;
use proto_events::{Outcome, Reason};
use reqwest::StatusCode;
use slack_sender::answer::{found, posted, posted_to_person};

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        retry_after: Some(Duration::from_secs(7)),
        location: None,
        body: body.to_owned(),
    }
}

fn refusal(error: &str) -> (bool, Reason) {
    match posted(&answer(
        200,
        &format!(r#"{{"ok":false,"error":"{error}"}}"#),
    )) {
        Outcome::Retry { reason, .. } => (true, reason),
        Outcome::Rejected { reason, .. } => (false, reason),
        Outcome::Delivered(_) => panic!("{error} was taken for a success"),
    }
}

#[test]
fn ok_is_a_success_even_when_the_text_holds_the_word_error() {
    let Outcome::Delivered(receipt) = posted(&answer(
        200,
        r#"{"ok":true,"ts":"1.2","message":{"text":"error"}}"#,
    )) else {
        panic!("not delivered");
    };
    assert_eq!(
        (receipt.provider_id.as_deref(), receipt.status),
        (Some("1.2"), Some(200))
    );
}

#[test]
fn errors_are_sorted_into_those_that_pass_and_those_that_stay() {
    let table = [
        ("ratelimited", true, Reason::RateLimited),
        ("rate_limited", true, Reason::RateLimited),
        ("internal_error", true, Reason::ReceiverError),
        ("fatal_error", true, Reason::ReceiverError),
        ("service_unavailable", true, Reason::ReceiverError),
        ("team_added_to_org", true, Reason::ReceiverError),
        ("request_timeout", true, Reason::Timeout),
        ("invalid_auth", true, Reason::Unauthorized),
        ("not_authed", true, Reason::Unauthorized),
        ("token_revoked", true, Reason::Unauthorized),
        ("token_expired", true, Reason::Unauthorized),
        ("account_inactive", true, Reason::Unauthorized),
        ("missing_scope", true, Reason::Unauthorized),
        ("no_permission", true, Reason::Unauthorized),
        ("not_allowed_token_type", true, Reason::Unauthorized),
        ("users_not_found", false, Reason::RecipientGone),
        ("user_disabled", false, Reason::RecipientGone),
        ("channel_not_found", false, Reason::EndpointGone),
        ("not_in_channel", false, Reason::EndpointGone),
        ("is_archived", false, Reason::EndpointGone),
        ("msg_too_long", false, Reason::TooLarge),
        ("no_text", false, Reason::Refused),
        ("invalid_arguments", false, Reason::Refused),
        ("restricted_action", false, Reason::Refused),
        ("something_new", false, Reason::Refused),
    ];
    for (error, retried, reason) in table {
        assert_eq!(refusal(error), (retried, reason), "{error}");
    }
}

#[test]
fn of_a_person_slack_means_that_they_are_gone_where_it_speaks_of_a_channel() {
    for (error, reason) in [
        ("channel_not_found", Reason::RecipientGone),
        ("user_disabled", Reason::RecipientGone),
        ("is_archived", Reason::EndpointGone),
    ] {
        let answer = answer(200, &format!(r#"{{"ok":false,"error":"{error}"}}"#));
        let outcome = posted_to_person(&answer);
        assert!(
            matches!(&outcome, Outcome::Rejected { reason: found, detail } if *found == reason && detail.contains(error)),
            "{outcome:?}"
        );
    }
}

#[test]
fn http_429_waits_as_long_as_slack_asks() {
    let outcome = posted(&answer(429, ""));
    let expected = Some(Duration::from_secs(7));
    assert!(
        matches!(outcome, Outcome::Retry { reason: Reason::RateLimited, after, .. } if after == expected),
        "{outcome:?}"
    );
}

#[test]
fn a_body_that_is_not_slacks_is_no_success() {
    assert!(matches!(
        posted(&answer(200, "<html>")),
        Outcome::Retry {
            reason: Reason::BadResponse,
            ..
        }
    ));
}

#[test]
fn a_person_whom_slack_does_not_know_is_gone() {
    assert_eq!(
        found(&answer(200, r#"{"ok":true,"user":{"id":"U1"}}"#)),
        Ok("U1".to_owned())
    );
    let outcome = found(&answer(200, r#"{"ok":false,"error":"users_not_found"}"#)).unwrap_err();
    assert!(
        matches!(
            outcome,
            Outcome::Rejected {
                reason: Reason::RecipientGone,
                ..
            }
        ),
        "{outcome:?}"
    );
}
