//! What was given up, whole, for people to look at, send again or discard.

use proto_events::{Reason, Service};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{column, json, key, owned};
use crate::store::Store;

/// A message that was given up.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Who gave it up.
    pub service: Service,
    /// The job, if it can be read as one.
    pub job: Option<Uuid>,
    /// Source and id of the event, if they can be read.
    pub event: Option<(String, String)>,
    /// The message's body, as it came.
    pub body: Vec<u8>,
    /// The message's headers.
    pub headers: Value,
    /// Why.
    pub reason: Reason,
    /// What was seen; no secret, no personal data.
    pub detail: String,
}

impl DeadLetter {
    /// Made of who gave up what, under which headers, and why.
    fn id(&self) -> Uuid {
        let mut name = Vec::with_capacity(self.body.len() + 256);
        for part in [
            self.service.as_str(),
            self.reason.as_str(),
            &self.headers.to_string(),
        ] {
            name.extend_from_slice(part.as_bytes());
            name.push(0);
        }
        name.extend_from_slice(&self.body);
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &name)
    }
}

impl Store {
    /// Files messages that were given up. Filing one again changes nothing while it waits;
    /// one that was resolved waits again.
    ///
    /// # Errors
    /// If the database is away; then the messages must not be acknowledged.
    pub async fn file_dead_letters(&self, letters: &[DeadLetter]) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        file(&mut connection, letters).await
    }
}

pub(crate) async fn file(
    database: &mut PgConnection,
    letters: &[DeadLetter],
) -> Result<(), StoreError> {
    if letters.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO dead_letters (id, service, job_id, event_source, event_id, body, headers, reason, detail)
         SELECT DISTINCT ON (id) *
         FROM UNNEST($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::bytea[],
                     $7::jsonb[], $8::text[], $9::text[])
             AS given_up (id, service, job_id, event_source, event_id, body, headers, reason, detail)
         ORDER BY id
         ON CONFLICT (id) DO UPDATE SET resolved_at = NULL, created_at = now()
             WHERE dead_letters.resolved_at IS NOT NULL",
        &column(letters, DeadLetter::id),
        &column(letters, |l| l.service.as_str()) as _,
        &column(letters, |l| l.job) as _,
        &column(letters, |l| l.event.as_ref().map(|(source, _)| key(source))) as _,
        &column(letters, |l| l.event.as_ref().map(|(_, id)| key(id))) as _,
        &column(letters, |l| l.body.as_slice()) as _,
        &column(letters, |l| json(l.headers.clone())),
        &column(letters, |l| l.reason.as_str()) as _,
        &column(letters, |l| owned(&l.detail)),
    )
    .execute(database)
    .await?;
    Ok(())
}
