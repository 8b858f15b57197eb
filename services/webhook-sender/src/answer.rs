//! What an endpoint meant (DefectDojo `notifications/helper.py`, with its temporary errors widened).

use delivery::http::{self, Answer};
use proto_events::{Outcome, Reason};

/// Judges an answer. Unlike Slack or Teams, an endpoint that refuses its credentials is
/// not waited for: like any other 4xx but 408, 425 and 429 it says no to the message.
#[must_use]
pub fn judge(answer: &Answer) -> Outcome {
    match http::judge(answer) {
        Outcome::Retry {
            reason: Reason::Unauthorized,
            detail,
            ..
        } => Outcome::rejected(Reason::Unauthorized, detail),
        other => other,
    }
}
