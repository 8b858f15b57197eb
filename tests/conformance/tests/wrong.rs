//! The suite is red over a sender that breaks a promise, at the check that names it, and
//! green over one that keeps them.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

use std::time::Duration;

use conformance::receiver::answer;
use conformance::{Check, Failure, Fault, Meaning, Staged, Subject, conform};
use delivery::http::{self, Answer, Body};
use proto_events::{Outcome, Reason, Receipt};

const TOKEN: &str = "t0ps3cr3t";

/// What is wrong with a sender.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fashion {
    Right,
    /// Takes a 500 for a success.
    SwallowsErrors,
    /// Tells its token where something went wrong.
    LeaksItsToken,
    /// Waits for an answer as long as it takes.
    Hangs,
    /// Does not try again where a person could mend something.
    GivesUpOnTls,
    /// Reads whatever it is sent.
    ReadsItAll,
}

struct Sender(Fashion);

impl Sender {
    async fn attempt(&self, staged: &Staged) -> Outcome {
        let request = client(staged).post(&staged.url).bearer_auth(TOKEN);
        let request = request.body("x");
        if self.0 == Fashion::ReadsItAll {
            return read_all(request).await;
        }
        let deadline = match self.0 {
            Fashion::Hangs => Duration::from_secs(3600),
            _ => Duration::from_secs(10),
        };
        match http::exchange(request, deadline, Body::Tells).await {
            Ok(answer) => self.judge(&answer),
            Err(Outcome::Retry {
                reason: Reason::Tls,
                detail,
                ..
            }) if self.0 == Fashion::GivesUpOnTls => Outcome::rejected(Reason::Tls, detail),
            Err(outcome) => outcome,
        }
    }

    fn judge(&self, answer: &Answer) -> Outcome {
        match (self.0, http::judge(answer)) {
            (
                Fashion::SwallowsErrors,
                Outcome::Retry {
                    reason: Reason::ReceiverError,
                    ..
                },
            ) => Outcome::Delivered(Receipt::default()),
            (Fashion::LeaksItsToken, Outcome::Retry { reason, after, .. }) => Outcome::Retry {
                reason,
                detail: format!("the receiver does not like {TOKEN}"),
                after,
            },
            (_, outcome) => outcome,
        }
    }
}

fn client(staged: &Staged) -> reqwest::Client {
    chassis::start::install_tls_provider();
    let mut client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    if let Some(file) = &staged.trusted {
        let pem = std::fs::read(file).unwrap();
        client = client.tls_certs_merge(reqwest::Certificate::from_pem_bundle(&pem).unwrap());
    }
    client.build().unwrap()
}

/// Far more than any sender may read, and not all of 10 GB.
async fn read_all(request: reqwest::RequestBuilder) -> Outcome {
    let mut answer = request.send().await.unwrap();
    let mut read = 0;
    while read < 200_000_000 {
        match answer.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            _ => break,
        }
    }
    Outcome::retry(Reason::ReceiverError, "HTTP 503")
}

impl Subject for Sender {
    const SECRETS: &'static [&'static str] = &[TOKEN];

    const STATUSES: &'static [(u16, Meaning)] = &[
        (204, Meaning::Delivered),
        (301, Meaning::Retry(Reason::Redirected)),
        (400, Meaning::Rejected(Reason::Refused)),
        (500, Meaning::Retry(Reason::ReceiverError)),
    ];

    async fn against(&self, fault: Fault) -> (Outcome, Option<usize>) {
        let staged = Staged::new(fault, &answer("200 OK", "")).await;
        // Only a flood is read whole; it would wait for all else for good.
        let sender = match self.0 {
            Fashion::ReadsItAll if fault != Fault::Flood => &Self(Fashion::Right),
            _ => self,
        };
        let outcome = sender.attempt(&staged).await;
        (outcome, staged.taken().await)
    }
}

async fn broken(fashion: Fashion) -> Vec<Check> {
    let failures = conform(&Sender(fashion)).await;
    failures
        .into_iter()
        .map(|Failure { check, .. }| check)
        .collect()
}

#[tokio::test]
async fn a_sender_that_keeps_every_promise_passes() {
    assert_eq!(conform(&Sender(Fashion::Right)).await, []);
}

#[tokio::test]
async fn a_sender_that_swallows_a_500_fails_at_the_statuses() {
    assert_eq!(broken(Fashion::SwallowsErrors).await, [Check::Statuses]);
}

#[tokio::test]
async fn a_sender_that_leaks_its_token_fails_at_the_secrets() {
    assert_eq!(broken(Fashion::LeaksItsToken).await, [Check::Secrets]);
}

#[tokio::test]
async fn a_sender_that_hangs_fails_at_the_deadline() {
    assert_eq!(broken(Fashion::Hangs).await, [Check::Deadline]);
}

#[tokio::test]
async fn a_sender_that_gives_up_over_a_certificate_fails_at_tls() {
    assert_eq!(broken(Fashion::GivesUpOnTls).await, [Check::Tls]);
}

#[tokio::test]
async fn a_sender_that_reads_whatever_it_is_sent_fails_at_the_body_limit() {
    assert_eq!(broken(Fashion::ReadsItAll).await, [Check::BodyLimit]);
}
