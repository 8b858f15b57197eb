//! How answers and broken exchanges are judged.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use std::time::Duration;

use chrono::{DateTime, Utc};
use delivery::http::{Answer, Body, LONGEST_WAIT, builder, exchange, judge, retry_after};
use proto_events::{Outcome, Reason};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

fn answer(status: u16) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        retry_after: None,
        location: None,
        body: String::new(),
    }
}

fn reason(outcome: &Outcome) -> (&'static str, Option<Reason>) {
    match outcome {
        Outcome::Delivered(_) => ("delivered", None),
        Outcome::Retry { reason, .. } => ("retry", Some(*reason)),
        Outcome::Rejected { reason, .. } => ("rejected", Some(*reason)),
    }
}

#[test]
fn each_status_has_one_meaning() {
    let table = [
        (200, "delivered", None),
        (204, "delivered", None),
        (301, "retry", Some(Reason::Redirected)),
        (400, "rejected", Some(Reason::Refused)),
        (401, "retry", Some(Reason::Unauthorized)),
        (403, "retry", Some(Reason::Unauthorized)),
        (404, "rejected", Some(Reason::EndpointGone)),
        (408, "retry", Some(Reason::Timeout)),
        (410, "rejected", Some(Reason::EndpointGone)),
        (413, "rejected", Some(Reason::TooLarge)),
        (422, "rejected", Some(Reason::Refused)),
        (425, "retry", Some(Reason::Timeout)),
        (429, "retry", Some(Reason::RateLimited)),
        (500, "retry", Some(Reason::ReceiverError)),
        (501, "retry", Some(Reason::ReceiverError)),
        (503, "retry", Some(Reason::ReceiverError)),
    ];
    for (status, kind, expected) in table {
        assert_eq!(
            reason(&judge(&answer(status))),
            (kind, expected),
            "status {status}"
        );
    }
}

#[test]
fn a_file_of_authorities_without_certificates_is_refused() {
    for text in ["", "no PEM"] {
        let refused = builder(Some(text.as_bytes())).unwrap_err();
        assert!(refused.to_string().contains("DD_EXTRA_CA_FILE"));
    }
}

#[test]
fn retry_after_is_read_in_seconds_and_as_a_date_and_is_clamped() {
    let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
    let read = |text: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        retry_after(&headers, now)
    };
    assert_eq!(read("120"), Some(Duration::from_secs(120)));
    assert_eq!(read("99999999999999999999999"), Some(LONGEST_WAIT));
    assert_eq!(
        read("Sun, 22 Nov 2026 12:01:00 GMT"),
        Some(Duration::from_secs(60))
    );
    assert_eq!(
        read("Sun, 22 Nov 2026 11:00:00 GMT"),
        Some(Duration::ZERO),
        "a date that is over"
    );
    assert_eq!(read("99999999"), Some(LONGEST_WAIT));
    assert_eq!(read("soon"), None);
    assert_eq!(retry_after(&HeaderMap::new(), now), None);
}

/// A receiver that reads the request and then does what it is told to.
async fn receiver<F: Future<Output = ()> + Send>(
    then: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        then(stream).await;
    });
    format!("http://{address}/secret-path")
}

async fn attempt(url: &str, deadline: Duration, body: Body) -> Result<Answer, Outcome> {
    chassis::start::install_tls_provider();
    exchange(reqwest::Client::new().post(url).body("x"), deadline, body).await
}

#[tokio::test]
async fn a_body_is_read_to_a_limit_only() {
    let url = receiver(async |mut stream: TcpStream| {
        // The client hangs up in the middle, which is what is tested.
        let head = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            .await;
        while head.is_ok() && stream.write_all(&[b'a'; 65536]).await.is_ok() {}
    })
    .await;
    let answer = attempt(&url, Duration::from_secs(10), Body::Tells)
        .await
        .unwrap();
    assert_eq!(answer.body.len(), Body::Tells.limit());
}

/// Says 200 and writes half of the body that it promised.
async fn answer_in_half(stream: &mut TcpStream) {
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf.")
        .await
        .unwrap();
}

/// A receiver that says 200, begins a body and never ends it; and what hears that it did so.
async fn never_ending() -> (String, oneshot::Receiver<()>) {
    let (began, hears) = oneshot::channel();
    let url = receiver(move |mut stream: TcpStream| async move {
        answer_in_half(&mut stream).await;
        began.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    (url.await, hears)
}

#[tokio::test]
async fn the_deadline_covers_a_body_that_decides() {
    let (url, mut began) = never_ending().await;
    let outcome = attempt(&url, Duration::from_secs(3), Body::Decides)
        .await
        .unwrap_err();
    assert_eq!(reason(&outcome), ("retry", Some(Reason::Timeout)));
    assert_eq!(began.try_recv(), Ok(()), "it was late without the body");
}

#[tokio::test]
async fn a_receiver_that_said_yes_and_breaks_off_has_the_message() {
    let url = receiver(async |mut stream: TcpStream| answer_in_half(&mut stream).await).await;
    let answer = attempt(&url, Duration::from_secs(10), Body::Tells)
        .await
        .unwrap();
    assert_eq!(reason(&judge(&answer)), ("delivered", None));
}

#[tokio::test]
async fn a_receiver_that_said_yes_and_never_ends_its_answer_has_the_message() {
    let (url, _began) = never_ending().await;
    let answer = attempt(&url, Duration::from_secs(3), Body::Tells)
        .await
        .unwrap();
    assert_eq!(reason(&judge(&answer)), ("delivered", None));
}

#[tokio::test]
async fn a_receiver_that_hangs_up_is_a_connection_fault_that_does_not_tell_the_address() {
    let url = receiver(async |stream: TcpStream| drop(stream)).await;
    let outcome = attempt(&url, Duration::from_secs(10), Body::Tells)
        .await
        .unwrap_err();
    assert_eq!(reason(&outcome), ("retry", Some(Reason::Connection)));
    assert!(
        !format!("{outcome:?}").contains("secret-path"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_refused_connection_and_a_name_that_does_not_resolve_are_told_apart() {
    let outcome = attempt("http://127.0.0.1:9/", Duration::from_secs(10), Body::Tells)
        .await
        .unwrap_err();
    assert_eq!(reason(&outcome), ("retry", Some(Reason::Connection)));
    let outcome = attempt(
        "http://no-such-host.invalid/",
        Duration::from_secs(10),
        Body::Tells,
    )
    .await
    .unwrap_err();
    assert_eq!(
        reason(&outcome),
        ("retry", Some(Reason::Dns)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_receiver_that_speaks_no_tls_is_a_tls_fault() {
    let url = receiver(async |mut stream: TcpStream| {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
    })
    .await;
    let outcome = attempt(
        &url.replace("http://", "https://"),
        Duration::from_secs(10),
        Body::Tells,
    )
    .await
    .unwrap_err();
    assert_eq!(
        reason(&outcome),
        ("retry", Some(Reason::Tls)),
        "{outcome:?}"
    );
}
