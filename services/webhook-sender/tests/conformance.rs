//! Webhooks keep the promises that every sender makes.

mod support;

use conformance::receiver::answer;
use conformance::{Fault, Meaning, Staged, Subject, conform};
use proto_events::{Outcome, Reason};
use secrecy::SecretString;
use store::Endpoint;
use support::{attempt, channel, endpoint};

const KEY: &str = "hook-s3cr3t";

struct Webhooks;

impl Subject for Webhooks {
    /// An endpoint's path may be a secret too.
    const SECRETS: &'static [&'static str] = &[KEY, "secret-path"];

    const STATUSES: &'static [(u16, Meaning)] = &[
        (200, Meaning::Delivered),
        (204, Meaning::Delivered),
        (302, Meaning::Retry(Reason::Redirected)),
        (400, Meaning::Rejected(Reason::EndpointRefuses)),
        (401, Meaning::Rejected(Reason::Unauthorized)),
        (403, Meaning::Rejected(Reason::Unauthorized)),
        (404, Meaning::Rejected(Reason::EndpointGone)),
        (408, Meaning::Retry(Reason::Timeout)),
        (410, Meaning::Rejected(Reason::EndpointGone)),
        (413, Meaning::Rejected(Reason::TooLarge)),
        (414, Meaning::Rejected(Reason::TooLarge)),
        (422, Meaning::Rejected(Reason::Refused)),
        (425, Meaning::Retry(Reason::Timeout)),
        (429, Meaning::Retry(Reason::RateLimited)),
        (431, Meaning::Rejected(Reason::TooLarge)),
        (500, Meaning::Retry(Reason::ReceiverError)),
        (501, Meaning::Retry(Reason::ReceiverError)),
        (503, Meaning::Retry(Reason::ReceiverError)),
    ];

    async fn against(&self, fault: Fault) -> (Outcome, Option<usize>) {
        let staged = Staged::new(fault, &answer("200 OK", "")).await;
        let endpoint = Endpoint {
            header_name: Some("X-Api-Key".to_owned()),
            header_value: Some(SecretString::from(KEY)),
            ..endpoint(&format!("{}/secret-path", staged.url))
        };
        let outcome = attempt(&channel(staged.trusted.clone()), endpoint).await;
        (outcome, staged.taken().await)
    }
}

#[tokio::test]
async fn webhook_sender_conforms() {
    assert_eq!(conform(&Webhooks).await, []);
}
