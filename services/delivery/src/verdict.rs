//! What is to be done with a message.

use chrono::{DateTime, Utc};
use proto_events::{DestinationId, Event, Job, JobId, Outcome, Reason};

use crate::message::Message;

/// What a job is known by.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) job: JobId,
    /// Where it goes; none for alerts, and where only the id is known.
    pub(crate) destination: Option<DestinationId>,
    /// Source and id of its event, where that is known.
    pub(crate) event: Option<(String, String)>,
}

impl Key {
    pub(crate) fn of(job: &Job, event: &Event) -> Self {
        Self {
            job: job.id,
            destination: job.to.address().map(|address| address.destination),
            event: Some((event.source.clone(), event.id.clone())),
        }
    }

    /// The key of a message that nobody should read any more.
    pub(crate) const fn only(job: JobId) -> Self {
        Self {
            job,
            destination: None,
            event: None,
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
    /// Its destination rests until then, or others wait in line before it.
    Park(Option<DateTime<Utc>>),
    /// It cannot be attempted at all.
    Dead { reason: Reason, detail: String },
}

/// A message and what is to be done with it.
pub(crate) struct Settled {
    pub(crate) message: Message,
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
