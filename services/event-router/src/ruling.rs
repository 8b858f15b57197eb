//! What is to be done with one message: pure, but for the clock.

use std::sync::Arc;

use chassis::broker::{Headers, Incoming, Outgoing};
use chassis::ladder::Ladder;
use chassis::trace::{Span, Tracer};
use chrono::{DateTime, Utc};
use proto_events::{Event, Job, Names, Reason, Service, event};
use rules::{Directory, Facts, Policy, decide};
use serde_json::value::RawValue;
use store::{DeadLetter, EventRecord};

use crate::jobs::{self, Notes, Plan};
use crate::read::{Read, read};
use crate::record::record;

/// How often an event waits for a directory that lags behind before it is decided all the same.
const WAITS: u32 = 2;

/// What is to be done with a message.
pub(crate) enum Ruling {
    /// It is decided.
    Tell(Box<Told>),
    /// Its product or product type is not known yet: a copy for the ladder.
    Wait(Outgoing),
    /// It is no event, or cannot be passed on.
    Dead(DeadLetter),
}

/// A decided event.
pub(crate) struct Told {
    /// Its structured text, whichever mode it came in.
    pub(crate) raw: Arc<RawValue>,
    /// Its source and id.
    pub(crate) event: (String, String),
    /// Its jobs.
    pub(crate) jobs: Vec<Job>,
    /// The headers of each of them.
    pub(crate) headers: Headers,
    /// Ends once its jobs are published.
    pub(crate) span: Span,
    /// What is remembered of it, if events are recorded.
    pub(crate) record: Option<EventRecord>,
}

/// What rulings depend on besides message and directory.
pub(crate) struct Bench {
    pub(crate) names: Names,
    pub(crate) tracer: Tracer,
    pub(crate) ladder: Ladder,
    pub(crate) policy: Policy,
    /// How large a message may be, in bytes.
    pub(crate) size_limit: usize,
    /// Whether events are recorded.
    pub(crate) record: bool,
}

impl Bench {
    /// Rules on a message.
    pub(crate) fn rule(
        &self,
        message: &Incoming,
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> Ruling {
        if let Some((reason, detail)) = self.unfit(message) {
            tracing::warn!(
                reason = reason.as_str(),
                detail,
                "a message was not read; see the dead letters"
            );
            return Ruling::Dead(dead_letter(message, None, reason, detail));
        }
        let read = match read(message) {
            Ok(read) => read,
            Err(problem) => {
                tracing::warn!(reason = Reason::Unreadable.as_str(), detail = %problem, "a message is no event; see the dead letters");
                return Ruling::Dead(dead_letter(
                    message,
                    None,
                    Reason::Unreadable,
                    problem.to_string(),
                ));
            }
        };
        let Read { event, raw } = &read;
        let facts = Facts::from(event);
        let mut span = self.span(message, event);
        let behind = directory.is_behind(&facts);
        if behind && message.headers.attempt <= WAITS {
            tracing::info!(
                event.id = event.id,
                event.name = event.name.as_str(),
                attempt = message.headers.attempt,
                "the product or product type is not known yet; the event waits"
            );
            let mut copy = self.copy(message, &event.id, raw);
            copy.headers = copy.headers.below(&span);
            return Ruling::Wait(copy);
        }
        let decisions = decide(directory, &self.policy, &facts);
        let plan = jobs::plan(event, raw, directory, &decisions, now);
        tell(event, &plan);
        span.count("jobs", u32::try_from(plan.jobs.len()).unwrap_or(u32::MAX));
        let record = self
            .record
            .then(|| record(&read, &plan, directory, behind, now));
        Ruling::Tell(Box::new(Told {
            headers: Headers::first(now.timestamp_millis(), trace(message, event)).below(&span),
            span,
            raw: read.raw,
            event: (read.event.source, read.event.id),
            jobs: plan.jobs,
            record,
        }))
    }

    /// The span of the work on an event.
    fn span(&self, message: &Incoming, event: &Event) -> Span {
        if !self.tracer.is_on() {
            return Span::default();
        }
        let queue = self.names.queue(Service::EventRouter);
        let parent = trace(message, event);
        let mut span = self.tracer.process(&queue, &event.id, parent.as_deref());
        span.tell("event.id", &event.id);
        span.tell("event.name", event.name.as_str());
        span
    }

    /// Why a message is not even read, if so.
    fn unfit(&self, message: &Incoming) -> Option<(Reason, String)> {
        let (size, limit) = (message.body.len(), self.size_limit);
        if message.given_up {
            // Reading it may be what crashed its readers.
            Some((Reason::DeliveryLimit, message.why_given_up()))
        } else if size > limit {
            let detail = format!(
                "the message has {size} bytes, and no more than {limit} are read (DD_MESSAGE_SIZE_LIMIT)"
            );
            Some((Reason::TooLarge, detail))
        } else {
            None
        }
    }

    /// The copy of an event that waits on the ladder.
    pub(crate) fn copy(&self, message: &Incoming, id: &str, raw: &RawValue) -> Outgoing {
        let Headers {
            attempt,
            first_published,
            ..
        } = message.headers;
        let seconds = self.ladder.rung_after(attempt, None, false);
        Outgoing {
            exchange: self.names.retry(),
            routing_key: Names::rung_key(Service::EventRouter, seconds),
            content_type: event::CONTENT_TYPE,
            message_id: id.to_owned(),
            headers: Headers {
                attempt: attempt.saturating_add(1),
                first_published: first_published.or_else(|| Some(Utc::now().timestamp_millis())),
                ..message.headers.clone()
            },
            body: raw.get().as_bytes().to_vec(),
        }
    }
}

/// A message that is given up, with everything that is needed to understand and to replay it.
pub(crate) fn dead_letter(
    message: &Incoming,
    event: Option<(String, String)>,
    reason: Reason,
    detail: String,
) -> DeadLetter {
    DeadLetter {
        service: Service::EventRouter,
        job: None,
        event,
        destination: None,
        body: message.body.clone(),
        headers: serde_json::json!({
            "attempt": message.headers.attempt,
            "first_published": message.headers.first_published,
            "content_type": message.content_type,
            "headers": message.texts.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        }),
        reason,
        detail,
    }
}

/// The context that an event comes with: the message's own, which its last sender wrote, else
/// the one that its publisher wrote into it.
fn trace(message: &Incoming, event: &Event) -> Option<String> {
    let own = message.headers.traceparent.clone();
    own.or_else(|| event.traceparent.clone())
}

fn tell(event: &Event, plan: &Plan) {
    tracing::debug!(
        event.id = event.id,
        event.name = event.name.as_str(),
        jobs = plan.jobs.len(),
        "decided"
    );
    let Notes {
        unknown_recipients, ..
    } = &plan.notes;
    if !unknown_recipients.is_empty() {
        tracing::warn!(
            event.id = event.id,
            event.name = event.name.as_str(),
            unknown_recipients = unknown_recipients.join(", "),
            "the event names recipients that nobody is; the others are told"
        );
    }
}
