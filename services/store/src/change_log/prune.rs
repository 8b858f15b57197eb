//! Deleting what no reader of the change log needs any more.

use std::time::Duration;

use crate::error::StoreError;
use crate::store::Store;

/// How many rows of the log are deleted in one statement.
const BATCH: i64 = 1000;

impl Store {
    /// Deletes log rows that every reader has seen who was away for no longer than `kept`;
    /// they last up to twice as long. Gives their number. Several may do so at once.
    ///
    /// # Errors
    /// If the database is away; what was deleted stays deleted.
    pub async fn prune_change_log(&self, kept: Duration) -> Result<u64, StoreError> {
        self.forget_another_servers_numbers().await?;
        // Committed before anything is deleted, so that whoever misses rows finds out.
        sqlx::query!(
            "UPDATE change_log_horizon
             SET pruned_below = next_below,
                 next_below = pg_snapshot_xmin(pg_current_snapshot()), noted_at = now()
             WHERE noted_at <= now() - make_interval(secs => $1)",
            kept.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        let mut deleted = 0;
        loop {
            let batch = sqlx::query!(
                "DELETE FROM change_log WHERE id IN (
                     SELECT log.id FROM change_log AS log, change_log_horizon
                     WHERE txid < pruned_below
                     ORDER BY txid LIMIT $1 FOR UPDATE OF log SKIP LOCKED)",
                BATCH
            )
            .execute(&self.pool)
            .await?
            .rows_affected();
            deleted += batch;
            if batch == 0 {
                return Ok(deleted);
            }
        }
    }

    /// A database that was restored from a dump holds transaction numbers of another server,
    /// which this one has not reached yet. No reader's moment is from before the restoration.
    async fn forget_another_servers_numbers(&self) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query!(
            "UPDATE change_log_horizon SET pruned_below = '0',
                 next_below = pg_snapshot_xmin(pg_current_snapshot()), noted_at = now()
             WHERE next_below > pg_snapshot_xmax(pg_current_snapshot())"
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!("DELETE FROM change_log WHERE txid > pg_snapshot_xmax(pg_current_snapshot())")
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
