//! What was decided and what was given up, read back: for a demo, a test or an operator.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proto_events::outcome::State;
use proto_events::{Channel, JobId, Reason};
use serde_json::Value;
use sqlx::types::Json;

use crate::error::StoreError;
use crate::rows::word;
use crate::store::Store;

/// An event and who is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedEvent {
    /// Its id within its source.
    pub id: String,
    /// Its bare name.
    pub name: String,
    /// Usernames by channel, once for each delivery; none: the system.
    pub decisions: BTreeMap<Channel, Vec<Option<String>>>,
    /// What else is worth knowing, such as recipients without an address.
    pub notes: Value,
    /// The directory it was decided with.
    pub directory_version: i64,
}

/// A message that was given up and nobody has dealt with yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiledLetter {
    /// The service that gave it up.
    pub service: String,
    /// The job, if it could be read as one.
    pub job: Option<JobId>,
    /// Id of the event, if it could be read.
    pub event_id: Option<String>,
    /// The message's body, as it came.
    pub body: Vec<u8>,
    /// Why.
    pub reason: Reason,
    /// What was seen.
    pub detail: String,
}

/// An alert as its owner reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownAlert {
    /// Id of the event within its source.
    pub event_id: String,
    /// Username of its owner; none: the system's, which belongs to nobody.
    pub owner: Option<String>,
    /// Its title.
    pub title: String,
    /// Its text.
    pub description: String,
}

/// An attempt as the ledger tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeAttempt {
    /// The job.
    pub job: JobId,
    /// Which attempt, from 1.
    pub attempt: i32,
    /// Where it left the delivery.
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

impl Store {
    /// Every attempt of a job and of its replays, in the order in which they began.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn attempts(&self, job: JobId) -> Result<Vec<MadeAttempt>, StoreError> {
        let rows = sqlx::query!(
            "SELECT job_id, attempt, state, reason, detail, provider_id, status, started_at, finished_at
             FROM deliveries WHERE job_id BETWEEN $1 AND $1 || '.s' ORDER BY started_at, job_id, attempt",
            job.uuid().to_string(),
        )
        .fetch_all(&self.pool)
        .await?;
        let attempts = rows.into_iter().map(|row| {
            let reason = row.reason.as_deref();
            Ok(MadeAttempt {
                job: word("deliveries.job_id", &row.job_id)?,
                attempt: row.attempt,
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
        });
        attempts.collect()
    }

    /// Every alert that was not removed. Reads all of them: for a demo and for tests.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn alerts(&self) -> Result<Vec<ShownAlert>, StoreError> {
        Ok(sqlx::query_as!(
            ShownAlert,
            r#"SELECT event_id, username AS "owner?", title, description
               FROM alerts LEFT JOIN users ON users.id = user_id
               WHERE removed_at IS NULL ORDER BY created, alerts.id"#
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Every event that was decided, oldest first. Reads all of them: for a demo and for
    /// tests.
    ///
    /// # Errors
    /// If the database is away, or holds decisions this release cannot read.
    pub async fn decided_events(&self) -> Result<Vec<DecidedEvent>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT id, name, decisions AS "decisions: Json<BTreeMap<Channel, Vec<Option<String>>>>", notes, directory_version
               FROM events ORDER BY decided_at, source, id"#
        )
        .fetch_all(&self.pool)
        .await?;
        let events = rows.into_iter().map(|row| DecidedEvent {
            id: row.id,
            name: row.name,
            decisions: row.decisions.0,
            notes: row.notes,
            directory_version: row.directory_version,
        });
        Ok(events.collect())
    }

    /// Every unresolved dead letter, oldest first. Reads all of them: for a demo and for
    /// tests.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn dead_letters(&self) -> Result<Vec<FiledLetter>, StoreError> {
        let rows = sqlx::query!(
            "SELECT service, job_id, event_id, body, reason, detail
             FROM dead_letters WHERE resolved_at IS NULL ORDER BY created_at, id"
        )
        .fetch_all(&self.pool)
        .await?;
        let letters = rows.into_iter().map(|row| {
            Ok(FiledLetter {
                service: row.service,
                job: row
                    .job_id
                    .map(|job| word("dead_letters.job_id", &job))
                    .transpose()?,
                event_id: row.event_id,
                body: row.body,
                reason: word("dead_letters.reason", &row.reason)?,
                detail: row.detail,
            })
        });
        letters.collect()
    }
}
