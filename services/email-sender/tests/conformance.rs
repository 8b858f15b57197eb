//! Mail keeps the promises that every sender makes.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

mod support;

use conformance::{Check, Fault, Meaning, Subject, conform};
use proto_events::{Outcome, Reason};
use support::certificates::Certificate;
use support::relay::{Relay, Script};
use support::{deliver, sender};

const PASSWORD: &str = "topsecret";

struct Mail;

impl Subject for Mail {
    /// The recipient's address is personal data: it stands in no ledger either.
    const SECRETS: &'static [&'static str] = &[PASSWORD, "alice@example.com"];

    /// What the relay says to a whole mail; its other answers are in `answers.rs`.
    const STATUSES: &'static [(u16, Meaning)] = &[
        (250, Meaning::Delivered),
        (421, Meaning::Retry(Reason::ReceiverError)),
        (450, Meaning::Retry(Reason::ReceiverError)),
        (451, Meaning::Retry(Reason::ReceiverError)),
        (452, Meaning::Retry(Reason::ReceiverError)),
        (550, Meaning::Rejected(Reason::InvalidAddress)),
        (552, Meaning::Rejected(Reason::TooLarge)),
        (554, Meaning::Rejected(Reason::Refused)),
    ];

    const EXEMPT: &'static [(Check, &'static str)] = &[
        (Check::RetryAfter, "SMTP has no such answer"),
        (
            Check::Deadline,
            "a dialogue of many answers has only the attempt's own deadline (DD_ATTEMPT_TIMEOUT), which the loop around it keeps",
        ),
    ];

    async fn against(&self, fault: Fault) -> (Outcome, Option<usize>) {
        let outcome = match fault {
            Fault::None => saying(b"250 taken\r\n").await,
            Fault::Status(code) => {
                let line = format!("{code} <alice@example.com> so it is\r\n");
                // A script is for good, as the relays of a test are.
                saying(line.into_bytes().leak()).await
            }
            Fault::HangsUp => saying(b"").await,
            Fault::Garbage => saying(b"\xff\xfe garbage\r\n").await,
            Fault::Refuses => to("smtp", 1, None).await,
            Fault::UnknownIssuer => behind(&Certificate::of("DNS:localhost"), false).await,
            Fault::OtherName => behind(&Certificate::of("DNS:elsewhere.example"), true).await,
            Fault::Flood => {
                let relay = Relay::start(vec![Script::default().saying(".", b"floods")]).await;
                let outcome = to("smtp", relay.port, None).await;
                return (outcome, Some(relay.flooded().await));
            }
            exempt @ (Fault::RetryAfter(_) | Fault::Silent | Fault::SlowBody) => {
                unreachable!("{exempt:?} is no fault of a relay")
            }
        };
        (outcome, None)
    }
}

/// One mail to a relay that says this to it.
async fn saying(answer: &'static [u8]) -> Outcome {
    let relay = Relay::start(vec![Script::default().saying(".", answer)]).await;
    to("smtp", relay.port, None).await
}

/// One mail to a relay with this certificate.
async fn behind(certificate: &Certificate, trusted: bool) -> Outcome {
    let script = Script::default().tls(certificate.acceptor(), true);
    let relay = Relay::start(vec![script]).await;
    to("smtp+ssl", relay.port, trusted.then_some(certificate)).await
}

async fn to(scheme: &str, port: u16, trusted: Option<&Certificate>) -> Outcome {
    let url = format!("{scheme}://dojo:{PASSWORD}@localhost:{port}");
    let mut arguments = vec!["--email-url".to_owned(), url];
    if let Some(certificate) = trusted {
        let file = certificate.file();
        arguments.extend(["--extra-ca-file".to_owned(), file.display().to_string()]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    deliver(&sender(&arguments).unwrap()).await
}

#[tokio::test]
async fn email_sender_conforms() {
    assert_eq!(conform(&Mail).await, []);
}
