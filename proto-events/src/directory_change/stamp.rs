//! Which of two changes of an object counts.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

/// What orders the changes of one object: the greatest counts, whichever came first. The
/// order of the members is the order of comparison, here and in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stamp {
    /// When the object changed, by the publisher's clock, in whole microseconds.
    pub at: DateTime<Utc>,
    /// Whether it was deleted, which wins over a change of the same time.
    pub deleted: bool,
    /// Made of the object (UUIDv5), so that of two changes of the same time the same one
    /// wins everywhere. Nil for a deletion.
    pub hash: Uuid,
}

impl Stamp {
    /// The stamp of a change; no object is a deletion.
    #[must_use]
    pub fn new(at: DateTime<Utc>, object: Option<&Value>) -> Self {
        Self {
            at,
            deleted: object.is_none(),
            hash: object.map_or(Uuid::nil(), |object| {
                Uuid::new_v5(&Uuid::NAMESPACE_OID, object.to_string().as_bytes())
            }),
        }
    }
}
