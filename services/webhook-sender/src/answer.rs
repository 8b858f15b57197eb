//! What an endpoint meant (DefectDojo `notifications/helper.py`, with its temporary errors widened).

use delivery::http::{self, Answer};
use proto_events::{Outcome, Reason};

/// Judges an answer. 5xx, 408, 425, 429 and redirects may pass. Any other 4xx says no to
/// whatever is sent there, but for 413, 414, 422 and 431, which say no to this message: its size, its
/// content, or the length of its event's name. Unlike Slack or
/// Teams, an endpoint that refuses its credentials is not waited for.
#[must_use]
pub fn judge(answer: &Answer) -> Outcome {
    let status = answer.status.as_u16();
    let said = format!("Response status code: {status}");
    match http::judge(answer) {
        Outcome::Retry {
            reason: Reason::Unauthorized,
            ..
        } => Outcome::rejected(Reason::Unauthorized, said),
        Outcome::Retry { reason, after, .. } => Outcome::Retry {
            reason,
            detail: said,
            after,
        },
        Outcome::Rejected { .. } if matches!(status, 414 | 431) => {
            Outcome::rejected(Reason::TooLarge, said)
        }
        Outcome::Rejected {
            reason: Reason::Refused,
            ..
        } if status != 422 => Outcome::rejected(Reason::EndpointRefuses, said),
        Outcome::Rejected { reason, .. } => Outcome::rejected(reason, said),
        delivered @ Outcome::Delivered(_) => delivered,
    }
}
