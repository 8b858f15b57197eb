//! What is old enough to be forgotten: tombstones, and what hangs below something that has
//! been gone for as long.

use crate::error::StoreError;
use crate::store::Store;

/// How many rows of each table one sweep removes at most, so that it holds no lock for long.
pub const BATCH: i64 = 1000;

/// How long a deletion is remembered (days). A change that is later than this by more is
/// taken for news.
pub const REMEMBERED: i32 = 30;

impl Store {
    /// Removes a batch of what is old enough, and says how many rows went. Sweepers may run
    /// side by side; each passes over what another holds.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn sweep_directory(&self) -> Result<u64, StoreError> {
        let tombstones = sqlx::query!(
            "DELETE FROM directory_objects WHERE (kind, key) IN (
                 SELECT kind, key FROM directory_objects
                 WHERE deleted AND noted_at < now() - make_interval(days => $1)
                 ORDER BY noted_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
            REMEMBERED,
            BATCH,
        )
        .execute(&self.pool)
        .await?
        .rows_affected();
        Ok(tombstones
            + self.sweep_engagements().await?
            + self.sweep_tests().await?
            + self.sweep_findings().await?
            + self.sweep_risk_acceptances().await?)
    }

    /// Engagements whose product has been marked for long, or is forgotten.
    async fn sweep_engagements(&self) -> Result<u64, StoreError> {
        let swept = sqlx::query!(
            "WITH swept AS (
                 DELETE FROM engagements WHERE id IN (
                     SELECT id FROM engagements AS below
                     WHERE NOT EXISTS (SELECT FROM products WHERE id = below.product
                               AND (deleted_at IS NULL OR deleted_at > now() - make_interval(days => $1)))
                       AND NOT EXISTS (SELECT FROM directory_objects
                                       WHERE kind = 'product' AND key = below.product::text)
                     LIMIT $2 FOR UPDATE SKIP LOCKED)
                 RETURNING id)
             DELETE FROM directory_objects USING swept WHERE kind = 'engagement' AND key = swept.id::text",
            REMEMBERED,
            BATCH,
        );
        Ok(swept.execute(&self.pool).await?.rows_affected())
    }

    /// Tests whose engagement is forgotten.
    async fn sweep_tests(&self) -> Result<u64, StoreError> {
        let swept = sqlx::query!(
            "WITH swept AS (
                 DELETE FROM tests WHERE id IN (
                     SELECT id FROM tests AS below
                     WHERE NOT EXISTS (SELECT FROM engagements WHERE id = below.engagement)
                       AND NOT EXISTS (SELECT FROM directory_objects
                                       WHERE kind = 'engagement' AND key = below.engagement::text)
                     LIMIT $1 FOR UPDATE SKIP LOCKED)
                 RETURNING id)
             DELETE FROM directory_objects USING swept WHERE kind = 'test' AND key = swept.id::text",
            BATCH,
        );
        Ok(swept.execute(&self.pool).await?.rows_affected())
    }

    /// Findings whose test is forgotten.
    async fn sweep_findings(&self) -> Result<u64, StoreError> {
        let swept = sqlx::query!(
            "WITH swept AS (
                 DELETE FROM findings WHERE id IN (
                     SELECT id FROM findings AS below
                     WHERE NOT EXISTS (SELECT FROM tests WHERE id = below.test)
                       AND NOT EXISTS (SELECT FROM directory_objects
                                       WHERE kind = 'test' AND key = below.test::text)
                     LIMIT $1 FOR UPDATE SKIP LOCKED)
                 RETURNING id)
             DELETE FROM directory_objects USING swept WHERE kind = 'finding' AND key = swept.id::text",
            BATCH,
        );
        Ok(swept.execute(&self.pool).await?.rows_affected())
    }

    /// Risk acceptances whose engagement is forgotten.
    async fn sweep_risk_acceptances(&self) -> Result<u64, StoreError> {
        let swept = sqlx::query!(
            "WITH swept AS (
                 DELETE FROM risk_acceptances WHERE id IN (
                     SELECT id FROM risk_acceptances AS below
                     WHERE engagement IS NOT NULL
                       AND NOT EXISTS (SELECT FROM engagements WHERE id = below.engagement)
                       AND NOT EXISTS (SELECT FROM directory_objects
                                       WHERE kind = 'engagement' AND key = below.engagement::text)
                     LIMIT $1 FOR UPDATE SKIP LOCKED)
                 RETURNING id)
             DELETE FROM directory_objects USING swept WHERE kind = 'risk_acceptance' AND key = swept.id::text",
            BATCH,
        );
        Ok(swept.execute(&self.pool).await?.rows_affected())
    }
}
