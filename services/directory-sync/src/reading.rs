//! From a message to a change, or to why it is none.

use chassis::broker::Incoming;
use chrono::{DateTime, Utc};
use proto_events::directory_change::UnreadableChange;
use proto_events::{DirectoryChange, Reason};

/// Why a message is given up: a word for programs, a sentence for people.
pub(crate) type Ground = (Reason, String);

/// Reads a message of no more than `size_limit` bytes.
pub(crate) fn read(
    message: &Incoming,
    size_limit: usize,
    now: DateTime<Utc>,
) -> Result<DirectoryChange, Ground> {
    let size = message.body.len();
    if message.given_up {
        // Reading it may be what crashed its readers.
        return Err((Reason::DeliveryLimit, message.why_given_up()));
    }
    if size > size_limit {
        let detail = format!(
            "the message has {size} bytes, and no more than {size_limit} are read (DD_MESSAGE_SIZE_LIMIT)"
        );
        return Err((Reason::TooLarge, detail));
    }
    DirectoryChange::parse(&message.body, now).map_err(|problem| {
        let reason = match problem {
            UnreadableChange::NewerVersion(_) => Reason::NewerVersion,
            UnreadableChange::Malformed(_) | UnreadableChange::Time { .. } => Reason::Unreadable,
        };
        (reason, problem.to_string())
    })
}
