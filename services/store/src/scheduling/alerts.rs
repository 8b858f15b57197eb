//! The alert lists, cut to their length.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::store::Store;

/// How many alerts one statement removes at most.
const BATCH: i64 = 10_000;

impl Store {
    /// Removes a batch of what lies beyond each person's newest `keep` alerts, and says how
    /// many went. They are marked, so that a late copy of a job does not bring one back.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn trim_alerts(&self, keep: i64, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let trimmed = sqlx::query!(
            r#"WITH trimmed AS (
                   UPDATE alerts SET removed_at = $2 WHERE id IN (
                       SELECT id FROM (
                           SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY created DESC, id DESC) AS place
                           FROM alerts WHERE removed_at IS NULL AND user_id IS NOT NULL) AS list
                       WHERE place > $1 LIMIT $3)
                   RETURNING user_id
               )
               SELECT count(*) AS "count!", ring_bells(array_agg(DISTINCT user_id)) FROM trimmed"#,
            keep,
            now,
            BATCH,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(u64::try_from(trimmed.count).unwrap_or_default())
    }

    /// How many alerts [`Store::trim_alerts`] would remove in all.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn alerts_beyond(&self, keep: i64) -> Result<i64, StoreError> {
        let beyond = sqlx::query_scalar!(
            r#"SELECT coalesce(sum(greatest(count - $1, 0)), 0)::bigint AS "beyond!"
               FROM (SELECT count(*) AS count FROM alerts
                     WHERE removed_at IS NULL AND user_id IS NOT NULL GROUP BY user_id) AS lists"#,
            keep,
        );
        Ok(beyond.fetch_one(&self.pool).await?)
    }
}
