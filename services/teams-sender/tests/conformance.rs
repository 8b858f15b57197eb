//! Teams keeps the promises that every sender makes.

mod support;

use conformance::receiver::answer;
use conformance::{Fault, Meaning, Staged, Subject, conform};
use proto_events::{Outcome, Reason};
use serde_json::json;
use support::{deliver, teams};

/// The end of an address is its signature.
const SIGNATURE: &str = "s3cr3t";

struct Teams;

impl Subject for Teams {
    const SECRETS: &'static [&'static str] = &[SIGNATURE];

    const STATUSES: &'static [(u16, Meaning)] = &[
        (200, Meaning::Delivered),
        (202, Meaning::Accepted),
        (302, Meaning::Retry(Reason::Redirected)),
        (400, Meaning::Rejected(Reason::Refused)),
        (401, Meaning::Retry(Reason::Unauthorized)),
        (404, Meaning::Rejected(Reason::EndpointGone)),
        (408, Meaning::Retry(Reason::Timeout)),
        (410, Meaning::Rejected(Reason::EndpointGone)),
        (413, Meaning::Rejected(Reason::TooLarge)),
        (429, Meaning::Retry(Reason::RateLimited)),
        (500, Meaning::Retry(Reason::ReceiverError)),
        (502, Meaning::Retry(Reason::ReceiverError)),
    ];

    async fn against(&self, fault: Fault) -> (Outcome, Option<usize>) {
        let staged = Staged::new(fault, &answer("202 Accepted", "")).await;
        let channel = teams(staged.trusted.clone());
        let address = format!("{}/workflows/1?sig={SIGNATURE}", staged.url);
        let outcome = deliver(&channel, &address, &json!({"title": "A title"})).await;
        (outcome, staged.taken().await)
    }
}

#[tokio::test]
async fn teams_sender_conforms() {
    assert_eq!(conform(&Teams).await, []);
}
