//! What Teams meant.
//!
//! | answer | meaning |
//! |---|---|
//! | 202 | a Workflow has accepted the card, and does not say whether it was posted |
//! | 200 `1` | a connector has posted the card |
//! | 200 with words about a failure | a connector has not; the status it met is in the words |
//! | 200 with a page | somebody else answered: a proxy, a log-in |

use delivery::http::{self, Answer};
use proto_events::{Outcome, Reason, Receipt};
use reqwest::StatusCode;
use serde_json::Value;

/// Judges an answer.
#[must_use]
pub fn posted(answer: &Answer) -> Outcome {
    let told = (answer.status == StatusCode::OK).then(|| failure(answer));
    told.flatten().unwrap_or_else(|| match http::judge(answer) {
        Outcome::Delivered(receipt) => Outcome::Delivered(Receipt {
            accepted_only: answer.status == StatusCode::ACCEPTED,
            ..receipt
        }),
        other => other,
    })
}

/// The failure that a body tells of although the status is 200. Only what is known as one
/// counts: a card that was posted must not be posted again.
fn failure(answer: &Answer) -> Option<Outcome> {
    let words = answer.body.trim();
    if words.starts_with('<') {
        return Some(Outcome::retry(
            Reason::BadResponse,
            "HTTP 200 with a web page, which Teams never sends; look at what stands between",
        ));
    }
    let lower = words.to_lowercase();
    let met = lower
        .split_once("http error ")
        .and_then(|(_, rest)| status(rest));
    let failed = lower.contains("delivery failed") || names_error(words);
    match met {
        Some(met) => Some(as_if(met, answer)),
        None if failed => Some(Outcome::Retry {
            reason: Reason::ReceiverError,
            detail: "HTTP 200, but the body says that the card was not posted".to_owned(),
            after: answer.retry_after,
        }),
        None => None,
    }
}

/// Whether the body is JSON with an error, as the platform below Workflows writes it.
fn names_error(body: &str) -> bool {
    serde_json::from_str::<Value>(body)
        .is_ok_and(|body| body.get("error").is_some_and(|error| !error.is_null()))
}

/// The status at the beginning of a text, if it is one of a failure.
fn status(text: &str) -> Option<StatusCode> {
    let status: StatusCode = text.get(..3)?.parse().ok()?;
    (status.is_client_error() || status.is_server_error()).then_some(status)
}

/// The judgement of a status that the connector met on its way to Teams.
fn as_if(met: StatusCode, answer: &Answer) -> Outcome {
    let told = |detail: String| format!("HTTP 200, but the connector met {detail} in Teams");
    match http::judge(&Answer {
        status: met,
        retry_after: answer.retry_after,
        location: None,
        body: String::new(),
    }) {
        Outcome::Retry {
            reason,
            detail,
            after,
        } => Outcome::Retry {
            reason,
            detail: told(detail),
            after,
        },
        Outcome::Rejected { reason, detail } => Outcome::Rejected {
            reason,
            detail: told(detail),
        },
        delivered @ Outcome::Delivered(_) => delivered,
    }
}
