//! What products and product types are called.

use std::collections::BTreeMap;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The names of these products, as far as they are there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn product_names(&self, ids: &[i64]) -> Result<BTreeMap<i64, String>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, name FROM products WHERE id = ANY ($1) AND deleted_at IS NULL",
            ids
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    }

    /// The names of these product types, as far as they are there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn product_type_names(
        &self,
        ids: &[i64],
    ) -> Result<BTreeMap<i64, String>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, name FROM product_types WHERE id = ANY ($1) AND deleted_at IS NULL",
            ids
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    }
}
