//! One row an event: what came, what was decided, and on which directory.

use chrono::{DateTime, Utc};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::StoreError;
use crate::rows::{column, json, json_text, key, text};
use crate::store::Store;

/// An event that was decided.
#[derive(Clone, Debug)]
pub struct EventRecord {
    /// The system that published it.
    pub source: String,
    /// Its id within the source.
    pub id: String,
    /// Its bare name.
    pub name: String,
    /// Its body, as it came.
    pub body: String,
    /// When the router took it.
    pub received_at: DateTime<Utc>,
    /// The directory it was decided with.
    pub directory_version: i64,
    /// The directory did not know what the event is about; it was decided with what the
    /// event itself says.
    pub directory_behind: bool,
    /// How many jobs were made.
    pub jobs: i32,
    /// Channel → list of usernames, null for the system.
    pub decisions: Box<RawValue>,
    /// What else is worth knowing, such as recipients without an address.
    pub notes: Value,
    /// Named recipients that nobody has.
    pub unknown_recipients: Vec<String>,
}

impl Store {
    /// Writes decided events in one statement. An event that has its row keeps it.
    ///
    /// # Errors
    /// If the database is away; then the events must not be acknowledged.
    pub async fn record_events(&self, events: &[EventRecord]) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO events (source, id, name, body, received_at, directory_version, directory_behind,
                                 jobs, decisions, notes, unknown_recipients)
             SELECT source, id, name, body, received_at, version, behind, jobs, decisions::jsonb, notes,
                    ARRAY(SELECT jsonb_array_elements_text(unknown))
             FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[],
                         $7::boolean[], $8::int[], $9::text[], $10::jsonb[], $11::jsonb[])
                 AS t (source, id, name, body, received_at, version, behind, jobs, decisions, notes, unknown)
             ORDER BY source, id
             ON CONFLICT (source, id) DO NOTHING",
            &column(events, |e| key(&e.source)),
            &column(events, |e| key(&e.id)),
            &column(events, |e| text(&e.name)) as _,
            &column(events, |e| text(&e.body)) as _,
            &column(events, |e| e.received_at),
            &column(events, |e| e.directory_version),
            &column(events, |e| e.directory_behind),
            &column(events, |e| e.jobs),
            &column(events, |e| json_text(&e.decisions)) as _,
            &column(events, |e| json(e.notes.clone())),
            &column(events, |e| json(e.unknown_recipients.clone().into())),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
