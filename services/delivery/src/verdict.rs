//! From a verdict to what is to be written: ladder copies, ledger rows, dead letters.

use std::time::Duration;

use chassis::broker::{Headers, Incoming, Outgoing};
use chassis::ladder::{GIVE_UP_AFTER, Ladder};
use chrono::Utc;
use proto_events::outcome::State;
use proto_events::{Channel, Event, Job, Names, Outcome, Reason, Receipt, Service};
use store::{DeadLetter, Finished};
use uuid::Uuid;

use crate::metrics::DeliveryMetrics;

/// What a job is known by.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    job: Uuid,
    event: (String, String),
}

impl Key {
    pub(crate) fn of(job: &Job, event: &Event) -> Self {
        Self {
            job: job.id,
            event: (event.source.clone(), event.id.clone()),
        }
    }
}

/// What is to be done with a message.
pub(crate) enum Verdict {
    /// An attempt was made.
    Attempted(Outcome),
    /// The ledger knows this attempt or this delivery: nothing to do.
    Known,
    /// Another process is at it: look again soon.
    Later,
    /// It cannot be attempted at all.
    Dead { reason: Reason, detail: String },
}

/// A message and what is to be done with it.
pub(crate) struct Settled {
    pub(crate) message: Incoming,
    pub(crate) key: Option<Key>,
    pub(crate) verdict: Verdict,
}

impl Settled {
    /// Whether a copy goes onto the ladder.
    pub(crate) const fn needs_copy(&self) -> bool {
        matches!(
            self.verdict,
            Verdict::Later | Verdict::Attempted(Outcome::Retry { .. })
        )
    }
}

/// The rows and copies that a group of verdicts comes to.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) copies: Vec<Outgoing>,
    pub(crate) finished: Vec<Finished>,
    pub(crate) dead: Vec<DeadLetter>,
}

/// What turns verdicts into rows and copies, for one service.
#[derive(Clone)]
pub(crate) struct Clerk {
    pub(crate) service: Service,
    pub(crate) names: Names,
    pub(crate) ladder: Ladder,
    /// Whether attempts have rows in the ledger.
    pub(crate) ledger: bool,
    pub(crate) metrics: DeliveryMetrics,
}

impl Clerk {
    /// Adds what a verdict comes to.
    pub(crate) fn add(&self, settled: &Settled, group: &mut Group) {
        let Settled {
            message,
            key,
            verdict,
        } = settled;
        match verdict {
            Verdict::Known => {}
            Verdict::Later => {
                let soonest = self.ladder.rung_after(1, None, false);
                group.copies.push(self.copy(
                    message,
                    key.as_ref(),
                    soonest,
                    message.headers.clone(),
                ));
            }
            Verdict::Dead { reason, detail } => {
                self.give_up(message, key.as_ref(), *reason, detail, group);
            }
            Verdict::Attempted(outcome) => self.add_attempt(message, key.as_ref(), outcome, group),
        }
    }

    fn add_attempt(
        &self,
        message: &Incoming,
        key: Option<&Key>,
        outcome: &Outcome,
        group: &mut Group,
    ) {
        match outcome {
            Outcome::Delivered(receipt) => self.arrived(message, key, receipt, group),
            Outcome::Rejected { reason, detail } => {
                self.give_up(message, key, *reason, detail, group);
            }
            Outcome::Retry { reason, detail, .. }
                if message
                    .headers
                    .age(Utc::now())
                    .is_some_and(|age| age >= GIVE_UP_AFTER) =>
            {
                let attempts = message.headers.attempt;
                let detail = format!(
                    "given up after {attempts} attempts in 48 hours; the last one: {reason}: {detail}"
                );
                self.give_up(message, key, Reason::Expired, &detail, group);
            }
            Outcome::Retry {
                reason,
                detail,
                after,
            } => self.retry(message, key, (*reason, detail), *after, group),
        }
    }

    fn arrived(&self, message: &Incoming, key: Option<&Key>, receipt: &Receipt, group: &mut Group) {
        let state = if receipt.accepted_only {
            State::Accepted
        } else {
            State::Delivered
        };
        self.metrics.count(state, None);
        if let Some(age) = message.headers.age(Utc::now()) {
            self.metrics.latency.observe(age.as_secs_f64());
        }
        tracing::debug!(
            job.id = key.map(|key| key.job.to_string()),
            outcome = state.as_str(),
            "delivered"
        );
        if let (true, Some(key)) = (self.ledger, key) {
            group.finished.push(Finished {
                provider_id: receipt.provider_id.clone(),
                status: receipt.status,
                ..finished(key, message, state, None)
            });
        }
    }

    fn retry(
        &self,
        message: &Incoming,
        key: Option<&Key>,
        (reason, detail): (Reason, &str),
        after: Option<Duration>,
        group: &mut Group,
    ) {
        let attempt = message.headers.attempt;
        let longer = key.is_some_and(|key| (key.job.as_u128() ^ u128::from(attempt)) & 1 == 1);
        let seconds = self.ladder.rung_after(attempt, after, longer);
        self.metrics.count(State::Retrying, Some(reason));
        tracing::info!(
            event.id = key.map(|key| key.event.1.as_str()),
            job.id = key.map(|key| key.job.to_string()),
            channel = self.channel(),
            outcome = State::Retrying.as_str(),
            reason = reason.as_str(),
            detail,
            attempt,
            next_attempt_in_seconds = seconds,
            "the attempt failed"
        );
        let headers = Headers {
            attempt: attempt.saturating_add(1),
            first_published: message
                .headers
                .first_published
                .or_else(|| Some(Utc::now().timestamp_millis())),
            reason: Some(reason.as_str().to_owned()),
            traceparent: message.headers.traceparent.clone(),
        };
        group.copies.push(self.copy(message, key, seconds, headers));
        if let (true, Some(key)) = (self.ledger, key) {
            group.finished.push(finished(
                key,
                message,
                State::Retrying,
                Some((reason, detail)),
            ));
        }
    }

    /// Files a message as dead, and says so in the ledger where it has a row.
    fn give_up(
        &self,
        message: &Incoming,
        key: Option<&Key>,
        reason: Reason,
        detail: &str,
        group: &mut Group,
    ) {
        self.metrics.count(State::Dead, Some(reason));
        tracing::warn!(
            event.id = key.map(|key| key.event.1.as_str()),
            job.id = key.map(|key| key.job.to_string()),
            channel = self.channel(),
            outcome = State::Dead.as_str(),
            reason = reason.as_str(),
            detail,
            attempt = message.headers.attempt,
            "given up; see the dead letters"
        );
        if let (true, Some(key)) = (self.ledger, key) {
            group
                .finished
                .push(finished(key, message, State::Dead, Some((reason, detail))));
        }
        let Headers {
            attempt,
            first_published,
            reason: last_reason,
            traceparent,
        } = &message.headers;
        group.dead.push(DeadLetter {
            service: self.service,
            job: key.map(|key| key.job),
            event: key.map(|key| key.event.clone()),
            body: message.body.clone(),
            headers: serde_json::json!({
                "attempt": attempt, "first_published": first_published, "reason": last_reason, "traceparent": traceparent,
            }),
            reason,
            detail: detail.to_owned(),
        });
    }

    fn channel(&self) -> &'static str {
        self.service.channel().map_or("", Channel::as_str)
    }

    fn copy(
        &self,
        message: &Incoming,
        key: Option<&Key>,
        seconds: u32,
        headers: Headers,
    ) -> Outgoing {
        Outgoing {
            exchange: self.names.retry(),
            routing_key: Names::rung_key(self.service, seconds),
            content_type: proto_events::job::CONTENT_TYPE,
            message_id: key.map(|key| key.job.to_string()).unwrap_or_default(),
            headers,
            body: message.body.clone(),
        }
    }
}

fn finished(
    key: &Key,
    message: &Incoming,
    state: State,
    failure: Option<(Reason, &str)>,
) -> Finished {
    Finished {
        job: key.job,
        attempt: i32::try_from(message.headers.attempt).unwrap_or(i32::MAX),
        state,
        reason: failure.map(|(reason, _)| reason),
        detail: failure.map(|(_, detail)| detail.to_owned()),
        provider_id: None,
        status: None,
    }
}
