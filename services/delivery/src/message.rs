//! A job's message, from the queue or from its destination's line.

use chassis::broker::{Ack, Headers, Incoming};
use store::{Letter, Taken};

/// A job's message.
pub(crate) struct Message {
    pub(crate) body: Vec<u8>,
    pub(crate) headers: Headers,
    pub(crate) origin: Origin,
}

/// Where a message came from, and how it is used up.
pub(crate) enum Origin {
    /// The service's queue.
    Queue(Ack),
    /// The line before its destination: its place there.
    Line(i64),
}

impl From<Incoming> for Message {
    fn from(incoming: Incoming) -> Self {
        Self {
            body: incoming.body,
            headers: incoming.headers,
            origin: Origin::Queue(incoming.ack),
        }
    }
}

impl From<Taken> for Message {
    fn from(taken: Taken) -> Self {
        let Letter {
            body,
            attempt,
            first_published,
            reason,
            traceparent,
        } = taken.letter;
        Self {
            body,
            headers: Headers {
                attempt: u32::try_from(attempt).unwrap_or(1),
                first_published,
                reason,
                traceparent,
            },
            origin: Origin::Line(taken.sequence),
        }
    }
}

impl Message {
    /// Which attempt it is at, as the store counts.
    pub(crate) fn attempt(&self) -> i32 {
        counted(self.headers.attempt)
    }

    /// As it waits in a line, with these headers.
    pub(crate) fn letter(&self, headers: &Headers) -> Letter {
        let Headers {
            attempt,
            first_published,
            reason,
            traceparent,
        } = headers.clone();
        Letter {
            body: self.body.clone(),
            attempt: counted(attempt),
            first_published,
            reason,
            traceparent,
        }
    }
}

/// A number of an attempt, as the store counts.
fn counted(attempt: u32) -> i32 {
    i32::try_from(attempt).unwrap_or(i32::MAX)
}
