//! Templates that people wrote, in the place of the built-in ones.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::rows::text;
use crate::store::Store;

/// The longest name of a file (characters), as the table has it.
pub const FILE_CHARS: usize = 150;

/// The longest source (characters), as the table has it.
pub const SOURCE_CHARS: usize = 65_536;

/// A template that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTemplate {
    /// The name that its file would have.
    pub file: String,
    /// What stands in it.
    pub source: String,
    /// The username of whoever wrote it last.
    pub updated_by: String,
    /// When that was.
    pub updated_at: DateTime<Utc>,
}

impl Store {
    /// Every template that somebody wrote, by name.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn stored_templates(&self) -> Result<Vec<StoredTemplate>, StoreError> {
        Ok(sqlx::query_as!(
            StoredTemplate,
            "SELECT file, source, updated_by, updated_at FROM templates ORDER BY file"
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Writes a template, replacing the one that is there.
    ///
    /// # Errors
    /// If the database is away, or a text is too long.
    pub async fn put_template(
        &self,
        file: &str,
        source: &str,
        by: &str,
    ) -> Result<StoredTemplate, StoreError> {
        Ok(sqlx::query_as!(
            StoredTemplate,
            "INSERT INTO templates (file, source, updated_by) VALUES ($1, $2, $3)
             ON CONFLICT (file) DO UPDATE
             SET source = EXCLUDED.source, updated_by = EXCLUDED.updated_by, updated_at = now()
             RETURNING file, source, updated_by, updated_at",
            &text(file),
            &text(source),
            &text(by)
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Removes a template. Says whether it was there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn remove_template(&self, file: &str) -> Result<bool, StoreError> {
        let removed = sqlx::query!("DELETE FROM templates WHERE file = $1", &text(file))
            .execute(&self.pool)
            .await?;
        Ok(removed.rows_affected() > 0)
    }
}
