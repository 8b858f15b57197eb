//! From a verdict to what is to be written: a ladder copy, ledger rows, dead letters, lines.

mod endpoint;
mod given_up;

use std::time::Duration;

use chassis::broker::{Headers, Outgoing};
use chassis::ladder::{GIVE_UP_AFTER, Ladder};
use chrono::{DateTime, TimeDelta, Utc};
use proto_events::outcome::State;
use proto_events::{Channel, Names, Outcome, Reason, Receipt, Service};
use store::{Finished, Parked, Pause, Settlement, Turn};

use crate::channel::Scope;
use crate::failure::Failure;
use crate::message::{Message, Origin};
use crate::metrics::DeliveryMetrics;
use crate::verdict::{Key, Settled, Verdict};

/// How soon a job in a line is looked at again that another process is at.
const SOON: TimeDelta = TimeDelta::seconds(1);

/// How long nobody tries who was refused for our credentials: a person mends them.
const UNTIL_MENDED: Duration = Duration::from_secs(60);

/// No receiver is left alone for longer, whatever it asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60 * 60);

/// What a verdict comes to.
#[derive(Default)]
pub(crate) struct Consequence {
    /// To be confirmed before the rest is written.
    pub(crate) copy: Option<Outgoing>,
    /// What superusers are to hear of.
    pub(crate) failure: Option<Failure>,
    /// To be committed before the message is used up.
    pub(crate) settlement: Settlement,
}

/// What turns verdicts into copies and rows, for one service.
#[derive(Clone)]
pub(crate) struct Clerk {
    pub(crate) service: Service,
    pub(crate) names: Names,
    pub(crate) ladder: Ladder,
    /// Whether attempts have rows in the ledger.
    pub(crate) ledger: bool,
    /// Who is left alone when a receiver asks for it.
    pub(crate) pauses: Scope,
    pub(crate) metrics: DeliveryMetrics,
}

/// A message with what it is known by.
#[derive(Clone, Copy)]
struct Case<'a> {
    message: &'a Message,
    key: Option<&'a Key>,
}

impl Clerk {
    /// What a verdict comes to. Logs and counts it.
    pub(crate) fn consequence(&self, settled: &Settled) -> Consequence {
        let case = Case {
            message: &settled.message,
            key: settled.key.as_ref(),
        };
        let mut turn = Turn::Over;
        let mut consequence = match &settled.verdict {
            Verdict::Known => Consequence::default(),
            // In a line it keeps its place.
            Verdict::Later if !case.is_from_queue() => {
                turn = Turn::Postponed(Some(Utc::now() + SOON));
                Consequence::default()
            }
            Verdict::Later => self.later(case),
            Verdict::Park(_) if case.is_too_old() => {
                let detail = "given up: its destination was at rest for 48 hours";
                self.give_up(case, Reason::Expired, detail)
            }
            Verdict::Park(due) => {
                turn = Turn::Postponed(*due);
                self.park(case, *due)
            }
            Verdict::Dead { reason, detail } => self.give_up(case, *reason, detail),
            Verdict::Attempted(outcome) => {
                let consequence;
                (turn, consequence) = self.attempted(case, outcome);
                consequence
            }
        };
        if let Origin::Line(sequence) = settled.message.origin {
            consequence.settlement.turns.push((sequence, turn));
        }
        consequence
    }

    fn attempted(&self, case: Case<'_>, outcome: &Outcome) -> (Turn, Consequence) {
        let news = self.news(case, outcome);
        let (turn, mut consequence) = match outcome {
            Outcome::Delivered(receipt) => (Turn::Over, self.arrived(case, receipt)),
            Outcome::Rejected { reason, detail } => {
                (Turn::Over, self.give_up(case, *reason, detail))
            }
            Outcome::Retry { reason, detail, .. } if case.is_too_old() => {
                let attempts = case.message.headers.attempt;
                let detail = format!(
                    "given up after {attempts} attempts in 48 hours; the last one: {reason}: {detail}"
                );
                (Turn::Over, self.give_up(case, Reason::Expired, &detail))
            }
            Outcome::Retry {
                reason,
                detail,
                after,
            } if news.is_some() => self.rest(case, *reason, detail, *after),
            Outcome::Retry {
                reason,
                detail,
                after,
            } => (Turn::Over, self.retry(case, *reason, detail, *after)),
        };
        consequence.settlement.endpoints.extend(news);
        (turn, consequence)
    }

    fn arrived(&self, case: Case<'_>, receipt: &Receipt) -> Consequence {
        let state = if receipt.accepted_only {
            State::Accepted
        } else {
            State::Delivered
        };
        self.metrics.count(state, None);
        let age = case.message.headers.age(Utc::now());
        self.metrics.ended(state, age);
        tracing::debug!(job.id = case.job(), outcome = state.as_str(), "delivered");
        let finished = self.finished(case, state, None).map(|row| Finished {
            provider_id: receipt.provider_id.clone(),
            status: receipt.status,
            ..row
        });
        Consequence::written(finished)
    }

    fn retry(
        &self,
        case: Case<'_>,
        reason: Reason,
        detail: &str,
        after: Option<Duration>,
    ) -> Consequence {
        let attempt = case.message.headers.attempt;
        let bits = case.key.map_or(0, |key| key.job.uuid().as_u128());
        let longer = (bits ^ u128::from(attempt)) & 1 == 1;
        let seconds = self.ladder.rung_after(attempt, after, longer);
        let wait = Duration::from_secs(seconds.into());
        let (headers, mut consequence) = self.failed(case, reason, detail, after, wait);
        consequence.copy = Some(self.copy(case, seconds, headers));
        consequence
    }

    /// What a failed attempt comes to, wherever its job waits for the next one, and the
    /// headers that it waits with.
    fn failed(
        &self,
        case: Case<'_>,
        reason: Reason,
        detail: &str,
        after: Option<Duration>,
        wait: Duration,
    ) -> (Headers, Consequence) {
        let headers = &case.message.headers;
        self.metrics.count(State::Retrying, Some(reason));
        tracing::info!(
            event.id = case.event_id(),
            job.id = case.job(),
            channel = self.channel(),
            outcome = State::Retrying.as_str(),
            reason = reason.as_str(),
            detail,
            attempt = headers.attempt,
            next_attempt_in_seconds = wait.as_secs(),
            "the attempt failed"
        );
        let next = Headers {
            attempt: headers.attempt.saturating_add(1),
            first_published: headers
                .first_published
                .or_else(|| Some(Utc::now().timestamp_millis())),
            reason: Some(reason.as_str().to_owned()),
            traceparent: headers.traceparent.clone(),
        };
        let failure = Some((reason, detail));
        let mut consequence = Consequence::written(self.finished(case, State::Retrying, failure));
        let pause = self.pause(case, reason, after.unwrap_or(wait));
        consequence.settlement.pauses.extend(pause);
        (next, consequence)
    }

    /// The pause that a failure asks for: others would be answered alike.
    fn pause(&self, case: Case<'_>, reason: Reason, asked: Duration) -> Option<Pause> {
        let time = match reason {
            Reason::RateLimited => asked,
            Reason::Unauthorized | Reason::NotConfigured => UNTIL_MENDED,
            _ => return None,
        };
        let destination = case.key?.destination?;
        Some(Pause {
            service: self.service,
            destination: (self.pauses == Scope::Destination).then_some(destination),
            until: Utc::now() + time.min(LONGEST_PAUSE),
            reason,
        })
    }

    /// Another process holds the claim: on the shortest rung.
    fn later(&self, case: Case<'_>) -> Consequence {
        let soonest = self.ladder.rung_after(1, None, false);
        Consequence {
            copy: Some(self.copy(case, soonest, case.message.headers.clone())),
            ..Consequence::default()
        }
    }

    fn park(&self, case: Case<'_>, due: Option<DateTime<Utc>>) -> Consequence {
        let mut consequence = Consequence::default();
        let parked = self.parked(case, &case.message.headers, due);
        consequence.settlement.parked.extend(parked);
        consequence
    }

    /// A job at the end of its destination's line; none if it stands in it already.
    fn parked(
        &self,
        case: Case<'_>,
        headers: &Headers,
        due: Option<DateTime<Utc>>,
    ) -> Option<Parked> {
        let key = case.key.filter(|_| case.is_from_queue())?;
        let destination = key.destination?;
        self.metrics.parked.inc();
        tracing::debug!(job.id = case.job(), destination, "waits in line");
        Some(Parked {
            job: key.job,
            service: self.service,
            destination,
            letter: case.message.letter(headers),
            due,
        })
    }

    /// The ledger's row of an attempt, where it has one.
    fn finished(
        &self,
        case: Case<'_>,
        state: State,
        failure: Option<(Reason, &str)>,
    ) -> Option<Finished> {
        let key = case.key.filter(|_| self.ledger)?;
        Some(Finished {
            job: key.job,
            attempt: case.message.attempt(),
            state,
            reason: failure.map(|(reason, _)| reason),
            detail: failure.map(|(_, detail)| detail.to_owned()),
            provider_id: None,
            status: None,
        })
    }

    fn channel(&self) -> &'static str {
        self.service.channel().map_or("", Channel::as_str)
    }

    fn copy(&self, case: Case<'_>, seconds: u32, headers: Headers) -> Outgoing {
        Outgoing {
            exchange: self.names.retry(),
            routing_key: Names::rung_key(self.service, seconds),
            content_type: proto_events::job::CONTENT_TYPE,
            message_id: case.job().unwrap_or_default(),
            headers,
            body: case.message.body.clone(),
        }
    }
}

impl Consequence {
    fn written(finished: Option<Finished>) -> Self {
        let mut consequence = Self::default();
        consequence.settlement.finished.extend(finished);
        consequence
    }
}

impl Case<'_> {
    const fn is_from_queue(&self) -> bool {
        matches!(self.message.origin, Origin::Queue(_))
    }

    fn job(&self) -> Option<String> {
        self.key.map(|key| key.job.to_string())
    }

    fn event_id(&self) -> Option<&str> {
        Some(self.key?.event.as_ref()?.1.as_str())
    }

    /// Whether the time is over for which it is tried again.
    fn is_too_old(&self) -> bool {
        let age = self.message.headers.age(Utc::now());
        age.is_some_and(|age| age >= GIVE_UP_AFTER)
    }
}
