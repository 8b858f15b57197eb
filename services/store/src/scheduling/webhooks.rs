//! What time has made of webhook endpoints, stored for those who look at the table.

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Stores the states that are in force, and says how many differed. Who asks for a state
    /// reckons with time anyway, so nothing depends on when this is done.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn store_webhook_states(&self) -> Result<u64, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // Locked first, so that the statement after it sees what others have made of them meanwhile.
        let overdue = sqlx::query_scalar!(
            "SELECT w.id FROM notification_webhooks AS w JOIN webhook_states AS state ON state.id = w.id
             WHERE state.status <> w.status ORDER BY w.id FOR UPDATE OF w SKIP LOCKED"
        );
        let overdue = overdue.fetch_all(&mut *transaction).await?;
        let stored = sqlx::query!(
            "UPDATE notification_webhooks AS w SET status = state.status, first_error = state.first_error,
                 last_error = state.last_error, note = state.note, state_since = state.since
             FROM webhook_states AS state
             WHERE w.id = state.id AND w.id = ANY($1) AND state.status <> w.status",
            &overdue
        );
        let stored = stored.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(stored)
    }

    /// How many endpoints [`Store::store_webhook_states`] would change.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn overdue_webhooks(&self) -> Result<u64, StoreError> {
        let overdue = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM notification_webhooks AS w
               JOIN webhook_states AS state ON state.id = w.id WHERE state.status <> w.status"#
        );
        Ok(overdue.fetch_one(&self.pool).await?.unsigned_abs())
    }
}
