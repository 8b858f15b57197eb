//! An attempt as the ledger tells of it, and those of one job.

use chrono::{DateTime, Utc};
use proto_events::outcome::State;
use proto_events::{Channel, DestinationId, JobId, Reason};

use crate::error::StoreError;
use crate::rows::word;
use crate::store::Store;

/// An attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDelivery {
    /// The job.
    pub job: JobId,
    /// Which attempt, from 1.
    pub attempt: i32,
    /// The channel.
    pub channel: Channel,
    /// Source of the event.
    pub event_source: String,
    /// Id of the event within its source.
    pub event_id: String,
    /// Bare name of the event.
    pub event_name: String,
    /// Id of the user; none: the system.
    pub recipient: Option<i64>,
    /// Where it went.
    pub destination: Option<DestinationId>,
    /// Where it left the job.
    pub state: State,
    /// Why it did not succeed.
    pub reason: Option<Reason>,
    /// What was seen.
    pub detail: Option<String>,
    /// The receiver's own identifier of the message.
    pub provider_id: Option<String>,
    /// The protocol's status, e.g. 200 or 250.
    pub status: Option<i32>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its outcome was written down; none: it is under way.
    pub finished_at: Option<DateTime<Utc>>,
}

pub(super) struct DeliveryRow {
    pub(super) job_id: String,
    pub(super) attempt: i32,
    pub(super) channel: String,
    pub(super) event_source: String,
    pub(super) event_id: String,
    pub(super) event_name: String,
    pub(super) recipient: Option<i64>,
    pub(super) destination: Option<i64>,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) detail: Option<String>,
    pub(super) provider_id: Option<String>,
    pub(super) status: Option<i32>,
    pub(super) started_at: DateTime<Utc>,
    pub(super) finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<DeliveryRow> for ListedDelivery {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let reason = row.reason.as_deref();
        Ok(Self {
            job: word("deliveries.job_id", &row.job_id)?,
            attempt: row.attempt,
            channel: word("deliveries.channel", &row.channel)?,
            event_source: row.event_source,
            event_id: row.event_id,
            event_name: row.event_name,
            recipient: row.recipient,
            destination: row.destination,
            state: word("deliveries.state", &row.state)?,
            reason: reason
                .map(|reason| word("deliveries.reason", reason))
                .transpose()?,
            detail: row.detail,
            provider_id: row.provider_id,
            status: row.status,
            started_at: row.started_at,
            finished_at: row.finished_at,
        })
    }
}

impl Store {
    /// Every attempt of a job and of its replays, in the order in which they began.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn attempts(&self, job: JobId) -> Result<Vec<ListedDelivery>, StoreError> {
        let rows = sqlx::query_as!(
            DeliveryRow,
            "SELECT job_id, attempt, channel, event_source, event_id, event_name, recipient, destination, state,
                    reason, detail, provider_id, status, started_at, finished_at
             FROM deliveries WHERE job_id BETWEEN $1 AND $1 || '.s' ORDER BY started_at, job_id, attempt",
            job.uuid().to_string(),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(ListedDelivery::try_from).collect()
    }
}
