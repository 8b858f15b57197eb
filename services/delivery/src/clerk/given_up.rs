//! What is given up: a dead letter, its row in the ledger, and news for superusers.

use chassis::broker::Headers;
use chrono::Utc;
use proto_events::Reason;
use proto_events::outcome::State;
use store::DeadLetter;

use super::{Case, Clerk, Consequence};
use crate::failure::Failure;

impl Clerk {
    /// Files a message as dead, and says so in the ledger where it has a row.
    pub(super) fn give_up(&self, case: Case<'_>, reason: Reason, detail: &str) -> Consequence {
        self.metrics.count(State::Dead, Some(reason));
        let age = case.message.headers.age(Utc::now());
        self.metrics.ended(State::Dead, age);
        tracing::warn!(
            event.id = case.event_id(),
            job.id = case.job(),
            channel = self.channel(),
            outcome = State::Dead.as_str(),
            reason = reason.as_str(),
            detail,
            attempt = case.message.headers.attempt,
            "given up; see the dead letters"
        );
        let finished = self.finished(case, State::Dead, Some((reason, detail)));
        let mut consequence = Consequence::written(finished);
        consequence.failure = self.failure(case, reason, detail);
        let Headers {
            attempt,
            first_published,
            reason: last_reason,
            traceparent,
        } = &case.message.headers;
        consequence.settlement.dead.push(DeadLetter {
            service: self.service,
            job: case.key.map(|key| key.job),
            event: case.key.and_then(|key| key.event.clone()),
            destination: case.key.and_then(|key| key.destination),
            body: case.message.body.clone(),
            headers: serde_json::json!({
                "attempt": attempt, "first_published": first_published, "reason": last_reason, "traceparent": traceparent,
            }),
            reason,
            detail: detail.to_owned(),
        });
        consequence
    }

    /// What superusers are to hear of. An alert is not told of by an alert.
    fn failure(&self, case: Case<'_>, reason: Reason, detail: &str) -> Option<Failure> {
        let failure = Failure {
            destination: case.key.filter(|_| self.ledger)?.destination?,
            reason,
            detail: detail.to_owned(),
        };
        failure.is_news().then_some(failure)
    }
}
