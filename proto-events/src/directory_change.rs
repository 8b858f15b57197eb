//! One change of one object of the directory, as publishers send it.
//!
//! Changes may come in any order and more than once: each object's newest change counts,
//! by its [`Stamp`]. The form is described for publishers in `docs/directory-changes.md`.

mod check;
mod kind;
mod object;
mod schema;
mod stamp;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

pub use kind::{Kind, UnknownKind};
pub use object::{Parent, Subject};
pub use stamp::Stamp;

use crate::event::{Unreadable, explain};

/// Content type of a change.
pub const CONTENT_TYPE: &str = "application/vnd.dojo-notify.directory-change+json";

/// The major version that is read; a newer one is refused.
pub const VERSION: u16 = 1;

/// How far a publisher's clock may be ahead of ours. A change from further ahead would
/// hold back every later one of its object.
const CLOCK_AHEAD: TimeDelta = TimeDelta::hours(24);

/// A change that can be applied.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectoryChange {
    /// What kind of object it is about.
    pub kind: Kind,
    /// Which one.
    pub subject: Subject,
    /// What decides which change of the object counts.
    pub stamp: Stamp,
    /// The objects that must be known before.
    pub parents: Vec<Parent>,
    /// The whole object as it is now, every member there; none if it was deleted.
    pub object: Option<Value>,
}

/// Why a message cannot be read as a change, in words for the person who looks at it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableChange {
    /// The body is not what it should be.
    #[error(transparent)]
    Malformed(#[from] Unreadable),
    /// The format is newer than this build.
    #[error("the change has format version {0}; this build reads up to {VERSION}, update it")]
    NewerVersion(u64),
    /// The time is none that a change can have.
    #[error("at is {at}, {problem}; it must be the time of the change, in UTC")]
    Time {
        /// What the message says.
        at: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// It is new, or different: `object` is all of it.
    Upsert,
    /// It is gone: `object` names it.
    Delete,
}

/// What is read before anything else.
#[derive(Deserialize)]
struct Versioned {
    #[serde(default = "version")]
    version: u64,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    kind: Kind,
    action: Action,
    at: DateTime<Utc>,
    #[serde(borrow)]
    object: &'a RawValue,
}

impl DirectoryChange {
    /// Reads a change. `now` is this machine's time, by which an absurd time is told.
    ///
    /// # Errors
    /// [`UnreadableChange`] says what is wrong with the body and where.
    pub fn parse(body: &[u8], now: DateTime<Utc>) -> Result<Self, UnreadableChange> {
        let text = std::str::from_utf8(body).map_err(|e| Unreadable::NotUtf8(e.valid_up_to()))?;
        let Versioned { version } = read(text)?;
        if version > u64::from(VERSION) {
            return Err(UnreadableChange::NewerVersion(version));
        }
        let envelope: Envelope<'_> = read(text)?;
        let at = time(envelope.at, now)?;
        let kind = envelope.kind;
        let (subject, parents, object) = match envelope.action {
            Action::Upsert => {
                let (subject, parents, object) = object::upsert(kind, envelope.object.get())?;
                (subject, parents, Some(object))
            }
            Action::Delete => (
                object::delete(kind, envelope.object.get())?,
                Vec::new(),
                None,
            ),
        };
        Ok(Self {
            kind,
            subject,
            stamp: Stamp::new(at, object.as_ref()),
            parents,
            object,
        })
    }
}

/// Reads a value, or finds the member at fault.
fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|error| explain::<T>(text, &error))
}

/// The time in whole microseconds, which is what the database keeps.
fn time(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, UnreadableChange> {
    let absurd = |problem| UnreadableChange::Time {
        at: at.to_rfc3339(),
        problem,
    };
    if at < DateTime::UNIX_EPOCH {
        return Err(absurd("before 1970"));
    }
    if at > now + CLOCK_AHEAD {
        return Err(absurd("more than 24 hours ahead of this machine's clock"));
    }
    at.duration_trunc(TimeDelta::microseconds(1))
        .map_err(|_| absurd("beyond what can be reckoned with"))
}

fn version() -> u64 {
    VERSION.into()
}
