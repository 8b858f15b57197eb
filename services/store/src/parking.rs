//! Jobs that wait in a line before their destination, without using up an attempt.

use std::time::Duration;

use chrono::{DateTime, Utc};
use proto_events::{DestinationId, JobId, Service};
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::rows::{column, owned};
use crate::store::Store;

/// A job's message, as it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The body.
    pub body: Vec<u8>,
    /// Which attempt comes next, from 1.
    pub attempt: i32,
    /// When it was first published, in milliseconds since 1970.
    pub first_published: Option<i64>,
    /// Why the last attempt failed.
    pub reason: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

/// A job that is to wait.
#[derive(Clone, Debug)]
pub struct Parked {
    /// The job.
    pub job: JobId,
    /// Who will deliver it.
    pub service: Service,
    /// Whose line it stands in.
    pub destination: DestinationId,
    /// The message.
    pub letter: Letter,
    /// When the destination may be tried again; none: as soon as those before it are through.
    pub due: Option<DateTime<Utc>>,
}

/// A job whose turn it is.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its place in the table.
    pub sequence: i64,
    /// The message.
    pub letter: Letter,
}

/// What becomes of a job that was taken from its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It leaves the line.
    Over,
    /// It stays where it is, and nobody looks at it before this time; none: at once.
    Postponed(Option<DateTime<Utc>>),
    /// An attempt failed: it stays where it is for the next one, not before this time.
    Again(DateTime<Utc>),
}

impl Store {
    /// Takes jobs whose turn it is, at most `max`, in the order of their lines. A line
    /// moves only when all that was taken from it before is through: one job at a time, so
    /// that a short line keeps its order at the receiver. A longer one is worked off: one more
    /// together for each ten that wait, eleven from a hundred on, and beyond a thousand one more
    /// for each hundred, at most `together`.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn take_parked(
        &self,
        service: Service,
        max: u32,
        together: u32,
        lease: Duration,
    ) -> Result<Vec<Taken>, StoreError> {
        let rows = sqlx::query!(
            r#"WITH RECURSIVE head AS ( -- one look into the index for each line, however long it is
                   (SELECT destination, sequence FROM parked_jobs
                    WHERE service = $1 ORDER BY destination, sequence LIMIT 1)
                   UNION ALL
                   SELECT next.* FROM head CROSS JOIN LATERAL (
                       SELECT destination, sequence FROM parked_jobs
                       WHERE service = $1 AND destination > head.destination
                       ORDER BY destination, sequence LIMIT 1
                   ) AS next
               ), moving AS (
                   SELECT sequence, destination, due FROM parked_jobs
                   WHERE sequence IN (SELECT sequence FROM head)
                     AND due <= now() AND (taken_until IS NULL OR taken_until <= now())
                   ORDER BY due LIMIT $2
                   FOR UPDATE SKIP LOCKED
               ), chosen AS (
                   SELECT line.sequence FROM moving CROSS JOIN LATERAL (
                       SELECT sequence FROM parked_jobs
                       WHERE service = $1 AND destination = moving.destination
                       ORDER BY sequence
                       LIMIT CASE WHEN EXISTS (
                           SELECT FROM destinations AS place JOIN webhook_states AS state ON state.id = place.webhook_id
                           WHERE place.id = moving.destination
                             AND state.status = 'active_tmp' AND state.first_error IS NOT NULL
                       ) THEN 1 ELSE least($3::bigint, (
                           SELECT greatest(least(1 + count(*) / 10, 11), 1 + count(*) / 100) FROM (
                               SELECT FROM parked_jobs
                               WHERE service = $1 AND destination = moving.destination
                               LIMIT $3::bigint * 100
                           ) AS waiting
                       )) END
                   ) AS line
                   ORDER BY moving.due, line.sequence LIMIT $2
               )
               UPDATE parked_jobs AS job SET taken_until = now() + make_interval(secs => $4)
               FROM chosen WHERE job.sequence = chosen.sequence
               RETURNING job.sequence, body, attempt, first_published, reason, traceparent"#,
            service.as_str(),
            i64::from(max),
            i64::from(together),
            lease.as_secs_f64(),
        )
        .fetch_all(&self.pool)
        .await?;
        let mut taken: Vec<Taken> = rows
            .into_iter()
            .map(|row| Taken {
                sequence: row.sequence,
                letter: Letter {
                    body: row.body,
                    attempt: row.attempt,
                    first_published: row.first_published,
                    reason: row.reason,
                    traceparent: row.traceparent,
                },
            })
            .collect();
        taken.sort_unstable_by_key(|job| job.sequence);
        Ok(taken)
    }
}

/// Parks jobs, in their order. One that is parked already stays where it is.
pub(crate) async fn park(database: &mut PgConnection, jobs: &[Parked]) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO parked_jobs (job_id, service, destination, body, attempt, first_published, reason,
                                  traceparent, due)
         SELECT job_id, service, destination, body, attempt, first_published, reason, traceparent,
                coalesce(due, now())
         FROM UNNEST($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::int[], $6::bigint[], $7::text[],
                     $8::text[], $9::timestamptz[])
             WITH ORDINALITY AS t (job_id, service, destination, body, attempt, first_published, reason,
                                   traceparent, due, n)
         ORDER BY n
         ON CONFLICT (job_id) DO NOTHING",
        &column(jobs, |j| j.job.to_string()),
        &column(jobs, |j| j.service.as_str()) as _,
        &column(jobs, |j| j.destination),
        &column(jobs, |j| j.letter.body.as_slice()) as _,
        &column(jobs, |j| j.letter.attempt),
        &column(jobs, |j| j.letter.first_published) as _,
        &column(jobs, |j| j.letter.reason.as_deref().map(owned)) as _,
        &column(jobs, |j| j.letter.traceparent.as_deref().map(owned)) as _,
        &column(jobs, |j| j.due) as _,
    )
    .execute(database)
    .await?;
    Ok(())
}

/// Ends the turns of jobs that were taken.
pub(crate) async fn end_turns(
    database: &mut PgConnection,
    turns: &[(i64, Turn)],
) -> Result<(), StoreError> {
    let mut over = Vec::new();
    let (mut postponed, mut dues, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (sequence, turn) in turns {
        match turn {
            Turn::Over => over.push(*sequence),
            Turn::Postponed(due) => {
                postponed.push(*sequence);
                dues.push(*due);
                failed.push(0);
            }
            Turn::Again(due) => {
                postponed.push(*sequence);
                dues.push(Some(*due));
                failed.push(1);
            }
        }
    }
    if !over.is_empty() {
        sqlx::query!("DELETE FROM parked_jobs WHERE sequence = ANY($1)", &over)
            .execute(&mut *database)
            .await?;
    }
    if !postponed.is_empty() {
        sqlx::query!(
            "UPDATE parked_jobs AS job SET due = coalesce(late.due, now()), taken_until = NULL,
                 attempt = job.attempt + late.failed
             FROM UNNEST($1::bigint[], $2::timestamptz[], $3::int[]) AS late (sequence, due, failed)
             WHERE job.sequence = late.sequence",
            &postponed,
            &dues as _,
            &failed,
        )
        .execute(database)
        .await?;
    }
    Ok(())
}
