//! Jobs that are held back: kept, put together when they are due, and done with.

use chrono::{DateTime, Utc};
use proto_events::JobId;

use crate::error::StoreError;
use crate::rows::{column, owned, word};
use crate::store::Store;

/// How many jobs of a message are read at a time.
pub const PAGE: i64 = 100;

/// How many messages are put together, or found, at a time.
const MESSAGES: i64 = 20;

/// A job that is to be held back.
#[derive(Clone, Debug)]
pub struct NewHeld {
    /// The job.
    pub job: JobId,
    /// The message that all with the same reader and moment come in.
    pub digest: JobId,
    /// When it is due.
    pub due: DateTime<Utc>,
    /// The message's body.
    pub body: Vec<u8>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

/// A job that is held back.
#[derive(Clone, Debug)]
pub struct HeldJob {
    /// The job.
    pub job: JobId,
    /// Its place among all: the order in which they came.
    pub sequence: i64,
    /// The message's body.
    pub body: Vec<u8>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

/// What became of a job that was held back and is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// Its recipient is gone or inactive.
    RecipientGone,
    /// Its recipient may not view its object any more.
    AccessLost,
    /// It cannot be read, and is among the dead letters.
    Dead,
}

impl Dropped {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RecipientGone, Self::AccessLost, Self::Dead];

    /// The word in table, metric and log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RecipientGone => "recipient_gone",
            Self::AccessLost => "access_lost",
            Self::Dead => "dead",
        }
    }
}

/// What is held back at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldJobs {
    /// How many jobs.
    pub jobs: i64,
    /// Since when the oldest of them has been due; none if none is.
    pub overdue_since: Option<DateTime<Utc>>,
}

impl Store {
    /// Keeps jobs until they are due. One that was kept before, done with or not, changes nothing.
    ///
    /// # Errors
    /// If the database is away; then they must not be acknowledged.
    pub async fn hold_back(&self, jobs: &[NewHeld]) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO held_jobs (job_id, digest, due, body, traceparent)
             SELECT job_id, digest, due, body, traceparent
             FROM UNNEST($1::text[], $2::text[], $3::timestamptz[], $4::bytea[], $5::text[]) WITH ORDINALITY
                 AS t (job_id, digest, due, body, traceparent, n)
             ORDER BY n ON CONFLICT (job_id) DO NOTHING",
            &column(jobs, |it| it.job.to_string()),
            &column(jobs, |it| it.digest.to_string()),
            &column(jobs, |it| it.due),
            &column(jobs, |it| it.body.as_slice()) as _,
            &column(jobs, |it| it.traceparent.as_deref().map(owned)) as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Decides in which messages those come that are due, and stands by it from then on: what is
    /// alone comes as itself; what is late for a digest that was put together before, too; the
    /// rest in one digest each. A job that was delivered meanwhile, since its event was decided
    /// twice, is done with.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn put_together(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let decided = sqlx::query!(
            "WITH chosen AS (
                 SELECT DISTINCT digest FROM held_jobs
                 WHERE message IS NULL AND done_at IS NULL AND due <= $1 LIMIT $2
             ), ready AS (
                 SELECT job_id, digest, EXISTS (
                            SELECT FROM deliveries AS made
                            WHERE made.job_id = job.job_id AND made.state IN ('delivered', 'accepted')
                        ) AS delivered
                 FROM held_jobs AS job
                 WHERE digest IN (SELECT digest FROM chosen) AND message IS NULL AND done_at IS NULL
             ), counted AS (
                 SELECT *, count(*) FILTER (WHERE NOT delivered) OVER (PARTITION BY digest) AS together,
                        EXISTS (SELECT FROM held_jobs AS earlier
                                WHERE earlier.digest = ready.digest AND earlier.message = ready.digest) AS late
                 FROM ready
             )
             UPDATE held_jobs AS job
             SET message = CASE WHEN together > 1 AND NOT late THEN job.digest ELSE job.job_id END,
                 done_at = CASE WHEN delivered THEN now() END,
                 outcome = CASE WHEN delivered THEN 'delivered' END,
                 body = CASE WHEN NOT delivered THEN job.body END
             FROM counted
             WHERE job.job_id = counted.job_id AND job.message IS NULL",
            now,
            MESSAGES,
        )
        .execute(&self.pool)
        .await?;
        Ok(decided.rows_affected())
    }

    /// Messages that were put together and are not done with, the oldest first.
    ///
    /// # Errors
    /// If the database is away, or holds what is no id.
    pub async fn put_together_before(&self) -> Result<Vec<JobId>, StoreError> {
        let messages = sqlx::query_scalar!(
            r#"SELECT message AS "message!" FROM held_jobs WHERE message IS NOT NULL AND done_at IS NULL
               GROUP BY message ORDER BY min(sequence) LIMIT $1"#,
            MESSAGES
        )
        .fetch_all(&self.pool)
        .await?;
        let ids = messages.iter().map(|id| word("held_jobs.message", id));
        ids.collect()
    }

    /// A page of the jobs of a message, in the order in which they came, after one of them.
    ///
    /// # Errors
    /// If the database is away, or holds what is no id.
    pub async fn held_jobs(&self, message: JobId, after: i64) -> Result<Vec<HeldJob>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT job_id, sequence, body AS "body!", traceparent FROM held_jobs
               WHERE message = $1 AND done_at IS NULL AND sequence > $2 ORDER BY sequence LIMIT $3"#,
            message.to_string(),
            after,
            PAGE,
        )
        .fetch_all(&self.pool)
        .await?;
        let jobs = rows.into_iter().map(|row| {
            Ok(HeldJob {
                job: word("held_jobs.job_id", &row.job_id)?,
                sequence: row.sequence,
                body: row.body,
                traceparent: row.traceparent,
            })
        });
        jobs.collect()
    }

    /// How many jobs of a message came after one of them.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn held_after(&self, message: JobId, after: i64) -> Result<u64, StoreError> {
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM held_jobs
               WHERE message = $1 AND done_at IS NULL AND sequence > $2"#,
            message.to_string(),
            after,
        );
        let count = count.fetch_one(&self.pool).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Notes that a message was published, or that nothing remained to be told of it. Its rows
    /// stay for a time without their bodies, so that a copy of a job is known as such.
    ///
    /// # Errors
    /// If the database is away; then it is published again, under the same id.
    pub async fn done_with_held(
        &self,
        message: JobId,
        dropped: &[(JobId, Dropped)],
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE held_jobs AS job
             SET done_at = now(), body = NULL, outcome = coalesce(
                 (SELECT why FROM UNNEST($2::text[], $3::text[]) AS dropped (id, why) WHERE id = job.job_id), 'sent')
             WHERE message = $1 AND done_at IS NULL",
            message.to_string(),
            &column(dropped, |(job, _)| job.to_string()),
            &column(dropped, |(_, why)| why.as_str()) as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What is held back.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn held(&self, now: DateTime<Utc>) -> Result<HeldJobs, StoreError> {
        Ok(sqlx::query_as!(
            HeldJobs,
            r#"SELECT count(*) AS "jobs!", min(due) FILTER (WHERE due <= $1) AS overdue_since
               FROM held_jobs WHERE done_at IS NULL"#,
            now
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
