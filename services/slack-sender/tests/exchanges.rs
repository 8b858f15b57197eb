//! One attempt against a Slack that is well, and against servers that are not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod support;

use std::num::NonZeroU32;

use conformance::receiver::{Imposter, Receiver, answer, flooding};
use delivery::{Channel as _, Scope};
use proto_events::{Outcome, Reason};
use serde_json::{Value, json};
use slack_sender::channel::SlackChannel;
use store::Place;
use support::{TOKEN, deliver, slack, task};

fn ok() -> String {
    answer("200 OK", r#"{"ok":true,"ts":"1.2"}"#)
}

fn error(word: &str) -> String {
    answer("200 OK", &json!({"ok": false, "error": word}).to_string())
}

fn event() -> Value {
    json!({"title": "A <!channel> & more", "description": "Text", "url": "/test/1"})
}

/// The JSON that a request carried.
fn body(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// The reason of an outcome that is to be tried again.
fn retried(outcome: &Outcome) -> Reason {
    match outcome {
        Outcome::Retry { reason, detail, .. } => {
            assert!(!detail.contains(TOKEN), "{detail}");
            *reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_goes_out_with_token_name_blocks_and_a_plain_text() {
    let receiver = Receiver::answering([ok()]).await;
    let outcome = deliver(&slack(&receiver.url, None), &event()).await;
    assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
    let [request] = &receiver.requests()[..] else {
        panic!("not one request");
    };
    assert!(request.starts_with("POST /chat.postMessage "), "{request}");
    assert!(request.contains(&format!("authorization: Bearer {TOKEN}\r\n")));
    let body = body(request);
    assert_eq!(body["channel"], "#appsec");
    assert_eq!(body["username"], "Dojo & Co");
    assert_eq!(body["blocks"][0]["type"], "header");
    let text = body["text"].as_str().unwrap();
    assert!(
        text.starts_with("A &lt;!channel&gt; &amp; more\n"),
        "{text}"
    );
}

#[tokio::test]
async fn blocks_that_slack_refuses_go_as_plain_text_within_the_same_attempt() {
    for word in [
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
    ] {
        let receiver = Receiver::answering([error(word), ok()]).await;
        let outcome = deliver(&slack(&receiver.url, None), &event()).await;
        assert!(
            matches!(outcome, Outcome::Delivered(_)),
            "{word}: {outcome:?}"
        );
        let bodies: Vec<Value> = receiver.requests().iter().map(|it| body(it)).collect();
        let [with, without] = &bodies[..] else {
            panic!("{word}: {} requests", bodies.len());
        };
        assert!(without.get("blocks").is_none(), "{without}");
        for kept in ["channel", "text", "username"] {
            assert_eq!(with[kept], without[kept]);
        }
    }
}

#[tokio::test]
async fn plain_text_is_tried_once_and_what_slack_says_of_it_stands() {
    let twice = [error("invalid_blocks"), error("invalid_blocks"), ok()];
    let receiver = Receiver::answering(twice).await;
    let outcome = deliver(&slack(&receiver.url, None), &event()).await;
    let refused = Outcome::rejected(Reason::Refused, "Slack says invalid_blocks");
    assert_eq!(outcome, refused);
    assert_eq!(receiver.requests().len(), 2);

    let receiver = Receiver::answering([error("msg_blocks_too_long"), error("ratelimited")]).await;
    let outcome = deliver(&slack(&receiver.url, None), &event()).await;
    assert_eq!(retried(&outcome), Reason::RateLimited);
}

/// Slack's limit of a text is 40,000 characters: a title of any length must not cost the message.
#[tokio::test]
async fn a_title_of_5_mb_is_cut() {
    let receiver = Receiver::answering([ok()]).await;
    let long = json!({"title": "x".repeat(5_000_000)});
    let outcome = deliver(&slack(&receiver.url, None), &long).await;
    assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
    let body = body(&receiver.requests()[0]);
    // Title and sentence are the same here, in the blocks and in the text.
    let shown = body.to_string().matches('x').count();
    assert!((1000..5000).contains(&shown), "{shown}");
}

/// Whether the message is there nobody knows: Slack's body decides, so it is tried again.
#[tokio::test]
async fn a_server_that_hangs_up_within_its_answer_has_not_answered() {
    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true,";
    for part in [begun, "HTTP/1.1 200", ""] {
        let receiver = Receiver::answering([part]).await;
        let outcome = deliver(&slack(&receiver.url, None), &event()).await;
        assert_eq!(retried(&outcome), Reason::Connection, "{part:?}");
    }
}

/// A proxy's page or a fault of the moment; the message is as good as before.
#[tokio::test]
async fn garbage_is_no_answer() {
    let receiver = Receiver::answering(["\u{1}\u{2}\u{3}garbage\r\n\r\n"]).await;
    let outcome = deliver(&slack(&receiver.url, None), &event()).await;
    assert_eq!(retried(&outcome), Reason::Connection);
    for body in ["<html>", "", "[]", "{\"ok\":\"yes\"}", "null"] {
        let receiver = Receiver::answering([answer("200 OK", body)]).await;
        let outcome = deliver(&slack(&receiver.url, None), &event()).await;
        assert_eq!(retried(&outcome), Reason::BadResponse, "{body:?}");
    }
}

/// An error's word goes into the ledger; a server must not fill that.
#[tokio::test]
async fn an_endless_error_word_is_cut() {
    let receiver = Receiver::answering([error(&"x".repeat(100_000))]).await;
    match deliver(&slack(&receiver.url, None), &event()).await {
        Outcome::Rejected { reason, detail } => {
            assert_eq!((reason, detail.len()), (Reason::Refused, 91));
        }
        other => panic!("{other:?}"),
    }
}

/// The memory of a sender is everybody's: an answer is read to 1 MiB, since Slack gives
/// back the message that it posted, and then let go.
#[tokio::test]
async fn an_answer_of_10_gb_is_let_go() {
    let (url, sent) = flooding("200 OK").await;
    let channel = slack(&url, None);
    let outcome = deliver(&channel, &event()).await;
    assert_eq!(retried(&outcome), Reason::BadResponse);
    let sent = sent.await.unwrap();
    assert!(sent < 100_000_000, "{sent} bytes were taken");
}

/// The token is for Slack alone. Somebody mends the certificate or trusts its issuer
/// (`DD_EXTRA_CA_FILE`), and the message is as good after that.
#[tokio::test]
async fn a_wrong_certificate_gets_neither_token_nor_message() {
    let imposter = Imposter::start();
    let unknown = (None, "unknownissuer");
    let of_another = (Some(imposter.certificate()), "not valid for name");
    for (trusted, words) in [unknown, of_another] {
        let outcome = deliver(&slack(&imposter.url, trusted), &event()).await;
        assert_eq!(retried(&outcome), Reason::Tls);
        let told = format!("{outcome:?}").to_lowercase();
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn a_job_without_token_waits_and_one_without_a_place_is_given_up() {
    let channel = slack("http://127.0.0.1:9", None);
    let mut tokenless = task(&event());
    let settings = std::sync::Arc::get_mut(&mut tokenless.settings).unwrap();
    settings.slack_token = Ok(None);
    let outcome = channel.prepare(tokenless).err().unwrap();
    assert_eq!(retried(&outcome), Reason::NotConfigured);

    let mut placeless = task(&event());
    placeless.place = Place::Gone;
    let outcome = channel.prepare(placeless).err().unwrap();
    let gone = Reason::RecipientGone;
    assert!(matches!(outcome, Outcome::Rejected { reason, .. } if reason == gone));
}

#[test]
fn a_message_a_second_goes_to_a_channel_and_a_pause_is_the_whole_workspaces() {
    assert_eq!(SlackChannel::RATE, NonZeroU32::new(1));
    assert_eq!(SlackChannel::PAUSES, Scope::Service);
}
