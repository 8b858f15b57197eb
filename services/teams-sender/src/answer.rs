//! What Teams meant.

use delivery::http::{self, Answer};
use proto_events::{Outcome, Reason, Receipt};

/// Judges an answer. A Workflow's 202 says that the card was accepted, not that it was
/// posted. Old connectors answer 200 with `1`, or with 200 and an error in words.
#[must_use]
pub fn posted(answer: &Answer) -> Outcome {
    let status = answer.status.as_u16();
    let words = answer.body.trim();
    if status == 200 && words.to_lowercase().contains("delivery failed") {
        let limited = words.contains("429");
        return Outcome::Retry {
            reason: if limited {
                Reason::RateLimited
            } else {
                Reason::ReceiverError
            },
            detail: "HTTP 200, but the connector says that the delivery failed".to_owned(),
            after: answer.retry_after,
        };
    }
    match http::judge(answer) {
        Outcome::Delivered(receipt) => Outcome::Delivered(Receipt {
            accepted_only: status == 202,
            ..receipt
        }),
        other => other,
    }
}
