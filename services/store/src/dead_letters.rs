//! What was given up, whole, for people to look at, send again or discard.

mod head;
mod select;
mod standing;

use std::collections::HashSet;
use std::str::FromStr;

use proto_events::{DestinationId, JobId, Reason, Service};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

pub use head::LetterHead;
pub use select::{Kind, LetterCount, LetterFilter, Order};
pub use standing::Standing;

use crate::error::StoreError;
use crate::rows::{column, json, key, owned, word};
use crate::store::Store;

/// A message that was given up.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Who gave it up.
    pub service: Service,
    /// The job, if it can be read as one.
    pub job: Option<JobId>,
    /// Source and id of the event, if they can be read.
    pub event: Option<(String, String)>,
    /// Where it would have gone, if it is a job that names it.
    pub destination: Option<DestinationId>,
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

/// How many dead letters wait of one webhook endpoint that is not in use; what comes after
/// them is not kept.
pub const MOST_OF_ONE_ENDPOINT: i64 = 1000;

/// How somebody dealt with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It was sent again.
    Replayed,
    /// It is not needed any more.
    Discarded,
}

impl Resolution {
    /// The word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replayed => "replayed",
            Self::Discarded => "discarded",
        }
    }
}

impl FromStr for Resolution {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::Replayed, Self::Discarded];
        all.into_iter().find(|word| word.as_str() == text).ok_or(())
    }
}

impl Store {
    /// Marks letters as dealt with; gives how many. One that somebody else dealt with since
    /// it was read, or that was filed anew, stays as it is.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn resolve(
        &self,
        letters: &[LetterHead],
        resolution: Resolution,
    ) -> Result<u64, StoreError> {
        let marked = sqlx::query!(
            "UPDATE dead_letters AS letter SET resolved_at = now(), resolution = $4
             FROM UNNEST($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS seen (id, created_at, resolved_at)
             WHERE letter.id = seen.id AND letter.created_at = seen.created_at
               AND letter.resolved_at IS NOT DISTINCT FROM seen.resolved_at",
            &column(letters, |l| l.id),
            &column(letters, |l| l.created_at),
            &column(letters, |l| l.resolved.map(|(at, _)| at)) as _,
            resolution.as_str(),
        )
        .execute(&self.pool)
        .await?;
        Ok(marked.rows_affected())
    }

    /// Files messages that were given up. Filing one again changes nothing while it waits;
    /// one that was resolved waits again.
    ///
    /// # Errors
    /// If the database is away; then the messages must not be acknowledged.
    pub async fn file_dead_letters(&self, letters: &[DeadLetter]) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        file(&mut connection, letters).await?;
        Ok(())
    }
}

/// Files letters, and gives the jobs that were not kept: those of an endpoint that is not in
/// use beyond its [`MOST_OF_ONE_ENDPOINT`]. Whoever files such letters holds the endpoint's
/// lock, so that no other transaction counts at the same time.
pub(crate) async fn file(
    database: &mut PgConnection,
    letters: &[DeadLetter],
) -> Result<HashSet<JobId>, StoreError> {
    if letters.is_empty() {
        return Ok(HashSet::new());
    }
    let not_kept = sqlx::query_scalar!(
        r#"WITH given_up AS (
               SELECT DISTINCT ON (id) *,
                      reason = $11 AND destination IS NOT NULL AS bounded,
                      EXISTS (SELECT FROM dead_letters AS waiting
                              WHERE waiting.id = came.id AND waiting.resolved_at IS NULL) AS known
               FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[],
                           $7::jsonb[], $8::text[], $9::text[], $10::bigint[]) WITH ORDINALITY
                   AS came (id, service, job_id, event_source, event_id, body, headers, reason, detail,
                            destination, n)
               ORDER BY id
           ), room AS (
               SELECT destination, $12::bigint - (
                          SELECT count(*) FROM (
                              SELECT FROM dead_letters AS waiting
                              WHERE waiting.destination = asked.destination
                                AND waiting.reason = 'endpoint_inactive' AND waiting.resolved_at IS NULL
                              LIMIT $12
                          ) AS most
                      ) AS left_over
               FROM (SELECT DISTINCT destination FROM given_up WHERE bounded) AS asked
           ), kept AS (
               SELECT * FROM given_up WHERE NOT bounded OR known
               UNION ALL
               SELECT placed.id, service, job_id, event_source, event_id, body, headers, reason, detail,
                      placed.destination, n, bounded, known
               FROM (SELECT *, row_number() OVER (PARTITION BY destination ORDER BY n) AS place
                     FROM given_up WHERE bounded AND NOT known) AS placed
               JOIN room ON room.destination = placed.destination
               WHERE place <= left_over
           ), filed AS (
               INSERT INTO dead_letters (id, service, job_id, event_source, event_id, body, headers, reason,
                                         detail, destination)
               SELECT id, service, job_id, event_source, event_id, body, headers, reason, detail, destination
               FROM kept ORDER BY id
               ON CONFLICT (id) DO UPDATE SET resolved_at = NULL, resolution = NULL, created_at = now()
                   WHERE dead_letters.resolved_at IS NOT NULL
           )
           SELECT job_id AS "job_id!" FROM given_up
           WHERE job_id IS NOT NULL AND id NOT IN (SELECT id FROM kept)"#,
        &column(letters, DeadLetter::id),
        &column(letters, |l| l.service.as_str()) as _,
        &column(letters, |l| l.job.map(|job| job.to_string())) as _,
        &column(letters, |l| l.event.as_ref().map(|(source, _)| key(source))) as _,
        &column(letters, |l| l.event.as_ref().map(|(_, id)| key(id))) as _,
        &column(letters, |l| l.body.as_slice()) as _,
        &column(letters, |l| json(l.headers.clone())),
        &column(letters, |l| l.reason.as_str()) as _,
        &column(letters, |l| owned(&l.detail)),
        &column(letters, |l| l.destination) as _,
        Reason::EndpointInactive.as_str(),
        MOST_OF_ONE_ENDPOINT,
    )
    .fetch_all(database)
    .await?;
    not_kept
        .iter()
        .map(|job| word("deliveries.job_id", job))
        .collect()
}
