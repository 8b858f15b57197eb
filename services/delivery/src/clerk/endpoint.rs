//! What an attempt says of its webhook endpoint.

use std::time::Duration;

use chrono::Utc;
use proto_events::endpoint::REST;
use proto_events::{Cause, Outcome, Reason, Service};
use store::{EndpointNews, Turn};

use super::{Case, Clerk, Consequence, LONGEST_PAUSE};

impl Clerk {
    /// What an outcome says of its endpoint; none in a channel that has none.
    pub(super) fn news(&self, case: Case<'_>, outcome: &Outcome) -> Option<EndpointNews> {
        let key = case.key?;
        let destination = key
            .destination
            .filter(|_| self.service == Service::WebhookSender)?;
        Some(EndpointNews {
            destination,
            job: key.job,
            attempt: case.message.attempt(),
            cause: Cause::of(outcome)?,
            note: note(outcome),
        })
    }

    /// The endpoint rests after a temporary error, and its job waits in the line: on the
    /// ladder those behind would overtake it.
    pub(super) fn rest(
        &self,
        case: Case<'_>,
        reason: Reason,
        detail: &str,
        after: Option<Duration>,
    ) -> (Turn, Consequence) {
        let least = REST.to_std().unwrap_or_default();
        let wait = after.unwrap_or_default().clamp(least, LONGEST_PAUSE);
        let due = Utc::now() + wait;
        let (headers, mut consequence) = self.failed(case, reason, detail, after, wait);
        let parked = self.parked(case, &headers, Some(due));
        consequence.settlement.parked.extend(parked);
        (Turn::Again(due), consequence)
    }
}

/// What is noted of an endpoint, in DefectDojo's words.
fn note(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered(_) => String::new(),
        Outcome::Retry { detail, .. } | Outcome::Rejected { detail, .. }
            if detail.starts_with("Response status code: ") =>
        {
            detail.clone()
        }
        Outcome::Retry {
            reason: Reason::Timeout,
            detail,
            ..
        } => format!("Requests exception: {detail}"),
        Outcome::Retry { detail, .. } | Outcome::Rejected { detail, .. } => {
            format!("Exception: {detail}")
        }
    }
}
