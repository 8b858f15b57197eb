//! How far each of the scheduler's jobs has come.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::store::Store;

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobProgress {
    /// The job's name.
    pub job: String,
    /// What its schedule named up to then is dealt with.
    pub through: DateTime<Utc>,
    /// When it last ran to its end.
    pub ran_at: Option<DateTime<Utc>>,
    /// What its last run failed of, if it failed.
    pub error: Option<String>,
}

impl Store {
    /// Where the jobs stand; one that never began is not there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn job_progress(&self) -> Result<Vec<JobProgress>, StoreError> {
        let rows = sqlx::query_as!(
            JobProgress,
            "SELECT job, through, ran_at, error FROM scheduled_jobs ORDER BY job"
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }

    /// Says from when on the times of a job's schedule count.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn begin_job(&self, job: &str, from: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO scheduled_jobs (job, through) VALUES ($1, $2)
             ON CONFLICT (job) DO UPDATE SET through = EXCLUDED.through",
            job,
            from
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes that a job ran to its end: what its schedule named up to `through` is dealt with.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn job_done(
        &self,
        job: &str,
        through: DateTime<Utc>,
        ran_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE scheduled_jobs SET through = greatest(through, $2), ran_at = $3, error = NULL
             WHERE job = $1",
            job,
            through,
            ran_at
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes what a job failed of; it stays due.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn job_failed(&self, job: &str, error: &str) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE scheduled_jobs SET error = $2 WHERE job = $1",
            job,
            crate::rows::owned(error)
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
