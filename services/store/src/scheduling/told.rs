//! What the scheduler told already.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Which of these notices were told.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn told(&self, ids: &[String]) -> Result<HashSet<String>, StoreError> {
        let told = sqlx::query_scalar!("SELECT id FROM scheduled_notices WHERE id = ANY($1)", ids);
        Ok(told.fetch_all(&self.pool).await?.into_iter().collect())
    }

    /// Marks notices as told. Marking one again changes nothing.
    ///
    /// # Errors
    /// If the database is away; then they are told again, under the same ids.
    pub async fn mark_told(&self, ids: &[String], at: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO scheduled_notices (id, told_at) SELECT id, $2 FROM UNNEST($1::text[]) AS t (id)
             ORDER BY id ON CONFLICT (id) DO NOTHING",
            ids,
            at
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
