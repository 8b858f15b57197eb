//! What the ledger knows of a job that is to be sent again.

use proto_events::JobId;

use crate::error::StoreError;
use crate::rows::word;
use crate::store::Store;

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The number of its last attempt; 0 if there was none.
    pub last_attempt: i32,
    /// Whether it arrived, or was accepted.
    pub arrived: bool,
    /// Its latest replay in ledger and dead letters; the job itself if there was none.
    pub latest: JobId,
}

impl Store {
    /// How a job stands.
    ///
    /// # Errors
    /// If the database is away, or holds an id this release cannot read.
    pub async fn standing(&self, job: JobId) -> Result<Standing, StoreError> {
        let row = sqlx::query!(
            r#"SELECT coalesce((SELECT max(attempt) FROM deliveries WHERE job_id = $1), 0) AS "last_attempt!",
                      EXISTS (SELECT FROM deliveries
                              WHERE job_id = $1 AND state IN ('delivered', 'accepted')) AS "arrived!",
                      (SELECT id FROM (SELECT job_id FROM deliveries WHERE job_id BETWEEN $2 AND $2 || '.s'
                                       UNION
                                       SELECT job_id FROM dead_letters WHERE job_id BETWEEN $2 AND $2 || '.s'
                                       UNION
                                       SELECT $1) AS family (id)
                       ORDER BY coalesce(substring(id FROM '\.r(\d+)$')::bigint, 0) DESC LIMIT 1) AS "latest!""#,
            job.to_string(),
            job.uuid().to_string(),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Standing {
            last_attempt: row.last_attempt,
            arrived: row.arrived,
            latest: word("deliveries.job_id", &row.latest)?,
        })
    }
}
