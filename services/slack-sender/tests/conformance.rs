//! Slack keeps the promises that every sender makes.

mod support;

use conformance::receiver::answer;
use conformance::{Fault, Meaning, Staged, Subject, conform};
use proto_events::{Outcome, Reason};
use serde_json::json;
use support::{TOKEN, deliver, slack};

struct Slack;

impl Subject for Slack {
    const SECRETS: &'static [&'static str] = &[TOKEN];

    /// HTTP's statuses; the words that Slack answers with a 200 are in `answers.rs`.
    const STATUSES: &'static [(u16, Meaning)] = &[
        (200, Meaning::Retry(Reason::BadResponse)),
        (302, Meaning::Retry(Reason::Redirected)),
        (400, Meaning::Rejected(Reason::Refused)),
        (401, Meaning::Retry(Reason::Unauthorized)),
        (403, Meaning::Retry(Reason::Unauthorized)),
        (404, Meaning::Rejected(Reason::EndpointGone)),
        (408, Meaning::Retry(Reason::Timeout)),
        (413, Meaning::Rejected(Reason::TooLarge)),
        (429, Meaning::Retry(Reason::RateLimited)),
        (500, Meaning::Retry(Reason::ReceiverError)),
        (503, Meaning::Retry(Reason::ReceiverError)),
    ];

    async fn against(&self, fault: Fault) -> (Outcome, Option<usize>) {
        let staged = Staged::new(fault, &answer("200 OK", r#"{"ok":true,"ts":"1.2"}"#)).await;
        let channel = slack(&staged.url, staged.trusted.clone());
        let outcome = deliver(&channel, &json!({"title": "A title"})).await;
        (outcome, staged.taken().await)
    }
}

#[tokio::test]
async fn slack_sender_conforms() {
    assert_eq!(conform(&Slack).await, []);
}
