//! Endpoints that are none, and receivers that are not well: a reason each, and no memory.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use proto_events::{Outcome, Reason};
use secrecy::SecretString;
use store::Endpoint;
use support::{attempt, attempt_within, channel, endpoint, receiver};

/// Reads like most of the machine's buffers on the way to us; what we keep is far less.
const LITTLE: usize = 16 * 1024 * 1024;

fn retried(outcome: &Outcome) -> Option<Reason> {
    match outcome {
        Outcome::Retry { reason, .. } => Some(*reason),
        _ => None,
    }
}

fn rejected(outcome: &Outcome) -> Option<Reason> {
    match outcome {
        Outcome::Rejected { reason, .. } => Some(*reason),
        _ => None,
    }
}

#[tokio::test]
async fn addresses_that_are_none_are_rejected() {
    let channel = channel(None);
    for url in [
        "",
        "siem",
        "http://",
        "http://[::1",
        "http://a b/",
        "ftp://siem.example/",
        "https://me@siem.example",
    ] {
        let outcome = attempt(&channel, endpoint(url)).await;
        assert_eq!(
            rejected(&outcome),
            Some(Reason::InvalidAddress),
            "{url:?}: {outcome:?}"
        );
    }
    let outcome = attempt(&channel, endpoint("http://10.0.0.1/secret-path")).await;
    assert_eq!(rejected(&outcome), Some(Reason::AddressRefused));
    assert!(!format!("{outcome:?}").contains("secret-path"));
}

#[tokio::test]
async fn headers_that_are_none_are_rejected_and_an_empty_name_is_no_header() {
    let channel = channel(None);
    let with = |url: &str, name: &str, value: &str| Endpoint {
        header_name: Some(name.to_owned()),
        header_value: Some(SecretString::from(value)),
        ..endpoint(url)
    };
    let bad = [
        ("X-Token\r\nHost: elsewhere", "secret"),
        ("X Token", "secret"),
        ("X-Token:", "secret"),
        ("X-Token", "secret\r\nX-Other: 1"),
        ("X-Token", "secret\n"),
        ("X-Token", "secret\0"),
        ("Host", "elsewhere.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("connection", "upgrade"),
        ("Webhook-Signature", "v1,AAAA"),
    ];
    for (name, value) in bad {
        let outcome = attempt(&channel, with("http://127.0.0.1:9/", name, value)).await;
        assert_eq!(
            rejected(&outcome),
            Some(Reason::InvalidAddress),
            "{name:?}: {outcome:?}"
        );
        assert!(!format!("{outcome:?}").contains("secret"));
    }
    for (name, value) in [
        ("", "secret"),
        ("X-Empty", ""),
        ("Authorization", "Bearer it"),
    ] {
        let (url, serving) = receiver("HTTP/1.1 204 No Content\r\n\r\n", None).await;
        let outcome = attempt(&channel, with(&url, name, value)).await;
        assert!(
            matches!(outcome, Outcome::Delivered(_)),
            "{name:?}: {outcome:?}"
        );
        let (request, _) = serving.await.unwrap();
        let line = format!("\r\n{}: {value}\r\n", name.to_lowercase());
        assert_eq!(request.contains(&line), !name.is_empty(), "{request}");
    }
}

#[tokio::test]
async fn answers_that_break_off_or_make_no_sense_are_retried() {
    let channel = channel(None);
    for (answer, reason) in [
        ("", Reason::Connection),
        ("HTTP/1.1 20", Reason::Connection),
        ("HTTP/1.1 200 OK\r\nContent-Le", Reason::Connection),
        (
            "HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\nhalf",
            Reason::Connection,
        ),
        ("\u{0}\u{1}\u{2} no HTTP at all\r\n\r\n", Reason::Connection),
        ("HTTP/1.1 999999 Odd\r\n\r\n", Reason::Connection),
        (
            "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
            Reason::Redirected,
        ),
    ] {
        let (url, _serving) = receiver(answer, None).await;
        let outcome = attempt(&channel, endpoint(&url)).await;
        assert_eq!(retried(&outcome), Some(reason), "{answer:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_yes_that_breaks_off_is_a_delivery() {
    let (url, _serving) = receiver("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", None).await;
    let outcome = attempt(&channel(None), endpoint(&url)).await;
    assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
}

#[tokio::test]
async fn interim_answers_without_end_end_at_the_deadline() {
    let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
    let (url, _serving) = receiver("HTTP/1.1 100 Continue\r\n\r\n", Some(interim)).await;
    let outcome = attempt_within(&channel(None), endpoint(&url), 1).await;
    assert_eq!(retried(&outcome), Some(Reason::Timeout), "{outcome:?}");
}

#[tokio::test]
async fn headers_without_end_are_cut_off() {
    let line: &[u8] =
        b"X-Padding: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    let (url, serving) = receiver("HTTP/1.1 200 OK\r\n", Some(line)).await;
    let outcome = attempt(&channel(None), endpoint(&url)).await;
    assert_eq!(retried(&outcome), Some(Reason::Connection), "{outcome:?}");
    let (_, sent) = serving.await.unwrap();
    assert!(sent < LITTLE, "{sent} bytes were taken");
}

#[tokio::test]
async fn compression_is_not_asked_for_and_a_body_that_claims_it_is_not_unpacked() {
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10000000000\r\n\r\n";
    let (url, serving) = receiver(head, Some(&[0x1f; 65536])).await;
    let outcome = attempt(&channel(None), endpoint(&url)).await;
    assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
    let (request, sent) = serving.await.unwrap();
    assert!(
        !request.to_lowercase().contains("accept-encoding"),
        "{request}"
    );
    assert!(sent < LITTLE, "{sent} bytes were taken");
}
