//! What was decided and what was given up, read back: for a demo, a test or an operator.

use std::collections::BTreeMap;

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

impl Store {
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
