//! One attempt against a Teams that is well, and against servers that are not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod support;

use std::num::NonZeroU32;

use conformance::receiver::{Imposter, Receiver, answer, flooding};
use delivery::{Channel as _, Scope};
use proto_events::{Outcome, Reason, Receipt};
use serde_json::{Value, json};
use support::{deliver, task, teams};
use teams_sender::channel::TeamsChannel;

/// The end of an address is its signature.
const SECRET: &str = "/workflows/1?sig=s3cr3t";

fn event() -> Value {
    json!({"title": "A title", "description": "Text", "url": "/test/1"})
}

/// The outcome of one attempt whose receiver answers so.
async fn answered(bytes: &str) -> Outcome {
    let receiver = Receiver::answering([bytes]).await;
    let address = format!("{}{SECRET}", receiver.url);
    deliver(&teams(None), &address, &event()).await
}

/// The reason of an outcome that is to be tried again.
fn retried(outcome: &Outcome) -> Reason {
    match outcome {
        Outcome::Retry { reason, detail, .. } => {
            assert!(!detail.contains("s3cr3t"), "{detail}");
            *reason
        }
        other => panic!("{other:?}"),
    }
}

fn accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Delivered(Receipt { accepted_only, .. }) if *accepted_only)
}

#[tokio::test]
async fn a_card_goes_to_a_workflow_as_json_and_is_accepted_not_posted() {
    let receiver = Receiver::answering([answer("202 Accepted", "")]).await;
    let address = format!("{}{SECRET}", receiver.url);
    let outcome = deliver(&teams(None), &address, &event()).await;
    assert!(accepted(&outcome), "{outcome:?}");
    let request = &receiver.requests()[0];
    assert!(request.contains("content-type: application/json\r\n"));
    let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["type"], "message");
    assert_eq!(body["attachments"][0]["content"]["type"], "AdaptiveCard");
}

/// Teams takes 28 KB: a title of any length must not cost the message.
#[tokio::test]
async fn a_title_of_5_mb_is_cut() {
    let receiver = Receiver::answering([answer("202 Accepted", "")]).await;
    let long = json!({"title": "x".repeat(5_000_000)});
    let outcome = deliver(&teams(None), &receiver.url, &long).await;
    assert!(accepted(&outcome), "{outcome:?}");
    let size = receiver.requests()[0].len();
    assert!((1000..20_000).contains(&size), "{size}");
}

/// Without a status nobody has said anything. With 202 the card is there, and would come
/// twice if it were sent again.
#[tokio::test]
async fn a_server_that_hangs_up_before_its_status_has_not_answered_and_after_it_has() {
    for part in ["", "HTTP/1.1 2"] {
        let outcome = answered(part).await;
        assert_eq!(retried(&outcome), Reason::Connection, "{part:?}");
    }
    let begun = "HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n{\"a\":";
    let outcome = answered(begun).await;
    assert!(accepted(&outcome), "{outcome:?}");
}

/// A proxy's page or a fault of the moment; the message is as good as before.
#[tokio::test]
async fn garbage_is_no_answer() {
    let outcome = answered("\u{1}\u{2}\u{3}garbage\r\n\r\n").await;
    assert_eq!(retried(&outcome), Reason::Connection);
    let outcome = answered(&answer("200 OK", "\n<!DOCTYPE html><title>Log in</title>")).await;
    assert_eq!(retried(&outcome), Reason::BadResponse);
}

/// The memory of a sender is everybody's: an answer is read to 16 KiB, then let go.
#[tokio::test]
async fn an_answer_of_10_gb_is_let_go() {
    let (url, sent) = flooding("202 Accepted").await;
    let outcome = deliver(&teams(None), &url, &event()).await;
    assert!(accepted(&outcome), "{outcome:?}");
    let sent = sent.await.unwrap();
    assert!(sent < 100_000_000, "{sent} bytes were taken");
}

/// The address is a secret, and the card is for Teams alone. Somebody mends the
/// certificate or trusts its issuer (`DD_EXTRA_CA_FILE`); the card is as good after that.
#[tokio::test]
async fn a_wrong_certificate_gets_no_card() {
    let imposter = Imposter::start();
    let address = format!("{}{SECRET}", imposter.url);
    let unknown = (None, "unknownissuer");
    let of_another = (Some(imposter.certificate()), "not valid for name");
    for (trusted, words) in [unknown, of_another] {
        let outcome = deliver(&teams(trusted), &address, &event()).await;
        assert_eq!(retried(&outcome), Reason::Tls);
        let told = format!("{outcome:?}").to_lowercase();
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn a_card_for_a_person_or_to_no_address_is_given_up() {
    let channel = teams(None);
    let mei = json!({"id": 2, "username": "mei"});
    let outcome = channel.prepare(task("http://localhost", &event(), &mei));
    let gone = Reason::RecipientGone;
    assert!(matches!(outcome, Err(Outcome::Rejected { reason, .. }) if reason == gone));

    let task = task("no address", &event(), &Value::Null);
    let card = channel.prepare(task).unwrap_or_else(|_| panic!("no card"));
    let outcome = channel.deliver(&card).await;
    let invalid = Reason::InvalidAddress;
    assert!(matches!(outcome, Outcome::Rejected { reason, .. } if reason == invalid));
}

#[test]
fn four_requests_a_second_go_to_an_address_and_a_pause_is_its_own() {
    assert_eq!(TeamsChannel::RATE, NonZeroU32::new(4));
    assert_eq!(TeamsChannel::PAUSES, Scope::Destination);
}
