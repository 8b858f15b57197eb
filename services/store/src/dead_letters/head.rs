//! A letter as it is listed.

use chrono::{DateTime, Utc};
use proto_events::{JobId, Reason, Service};
use serde_json::Value;
use uuid::Uuid;

use super::Resolution;
use crate::error::StoreError;
use crate::rows::word;

/// A dead letter without its body.
#[derive(Clone, Debug, PartialEq)]
pub struct LetterHead {
    /// Its id, made of the letter.
    pub id: Uuid,
    /// Who gave it up.
    pub service: Service,
    /// The job, if it could be read as one.
    pub job: Option<JobId>,
    /// Source and id of the event, if they could be read.
    pub event: Option<(String, String)>,
    /// The message's headers.
    pub headers: Value,
    /// Why.
    pub reason: Reason,
    /// What was seen.
    pub detail: String,
    /// Length of the body.
    pub body_bytes: i32,
    /// When it was filed; for one that came again, when it last did.
    pub created_at: DateTime<Utc>,
    /// When and how somebody dealt with it; none: it waits.
    pub resolved: Option<(DateTime<Utc>, Resolution)>,
    /// Whether the ledger says that its job arrived, or was accepted.
    pub arrived: bool,
}

/// What the table says of it.
pub(super) struct HeadRow {
    pub(super) id: Uuid,
    pub(super) service: String,
    pub(super) job_id: Option<String>,
    pub(super) event_source: Option<String>,
    pub(super) event_id: Option<String>,
    pub(super) headers: Value,
    pub(super) reason: String,
    pub(super) detail: String,
    pub(super) body_bytes: i32,
    pub(super) created_at: DateTime<Utc>,
    pub(super) resolved_at: Option<DateTime<Utc>>,
    pub(super) resolution: Option<String>,
    pub(super) arrived: bool,
}

impl TryFrom<HeadRow> for LetterHead {
    type Error = StoreError;

    fn try_from(row: HeadRow) -> Result<Self, StoreError> {
        let job = row.job_id.as_deref();
        let resolution = row.resolution.as_deref();
        let resolution = resolution.map(|how| word("dead_letters.resolution", how));
        Ok(Self {
            id: row.id,
            service: word("dead_letters.service", &row.service)?,
            job: job
                .map(|job| word("dead_letters.job_id", job))
                .transpose()?,
            event: row.event_source.zip(row.event_id),
            headers: row.headers,
            reason: word("dead_letters.reason", &row.reason)?,
            detail: row.detail,
            body_bytes: row.body_bytes,
            created_at: row.created_at,
            resolved: row.resolved_at.zip(resolution.transpose()?),
            arrived: row.arrived,
        })
    }
}
