//! What an import from DefectDojo needs besides applying changes: the directory as it is here,
//! and how far a run has come.

use chrono::{DateTime, Utc};
use proto_events::Kind;
use serde_json::Value;

use crate::error::StoreError;
use crate::store::Store;

/// An object of the directory as it is here.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredObject {
    /// What tells it from others of its kind; the text form of its subject
    /// (`proto_events::directory_change::Subject`).
    pub key: String,
    /// In the form in which changes carry it, with members of the table's own beside.
    pub object: Value,
}

/// Where a run stands that has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// When it was begun: what it has written has a stamp from then on.
    pub begun_at: DateTime<Utc>,
    /// Path of the resource that is being read.
    pub resource: String,
    /// Where the next page of it begins (objects).
    pub next_offset: i64,
    /// How many objects the resource had when it was last asked.
    pub expected: Option<i64>,
}

impl Store {
    /// Objects of one kind as they are here; those that are unknown or gone are left out.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn stored_objects(
        &self,
        kind: Kind,
        keys: &[String],
    ) -> Result<Vec<StoredObject>, StoreError> {
        // By id wherever there is one, since that is what the tables are indexed by.
        let ids: Vec<i64> = keys.iter().filter_map(|key| key.parse().ok()).collect();
        if matches!(kind, Kind::GroupMember | Kind::Membership) {
            return Ok(sqlx::query_as!(
                StoredObject,
                r#"SELECT key AS "key!", object AS "object!" FROM directory_rows
                   WHERE kind = $1 AND key = ANY($2)"#,
                kind.as_str(),
                keys,
            )
            .fetch_all(&self.pool)
            .await?);
        }
        Ok(sqlx::query_as!(
            StoredObject,
            r#"SELECT key AS "key!", object AS "object!" FROM directory_rows
               WHERE kind = $1 AND id = ANY($2)"#,
            kind.as_str(),
            &ids,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// What names the objects of one kind that are here, by number and then by name.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn stored_keys(&self, kind: Kind) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT key AS "key!" FROM directory_rows WHERE kind = $1 ORDER BY id, key"#,
            kind.as_str(),
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The objects of one kind that are here and that no change since then told of, by number
    /// and then by name.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn objects_untold(
        &self,
        kind: Kind,
        since: DateTime<Utc>,
    ) -> Result<Vec<StoredObject>, StoreError> {
        Ok(sqlx::query_as!(
            StoredObject,
            r#"SELECT key AS "key!", object AS "object!"
               FROM directory_rows LEFT JOIN directory_objects AS known USING (kind, key)
               WHERE kind = $1 AND (known.at IS NULL OR known.at < $2)
               ORDER BY id, key"#,
            kind.as_str(),
            since,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Where the last import of this source stands, if it has not come to its end.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn import_progress(
        &self,
        source: &str,
    ) -> Result<Option<ImportProgress>, StoreError> {
        Ok(sqlx::query_as!(
            ImportProgress,
            "SELECT begun_at, resource, next_offset, expected FROM import_progress WHERE source = $1",
            source
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Remembers where an import stands.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn save_import_progress(
        &self,
        source: &str,
        progress: &ImportProgress,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO import_progress (source, begun_at, resource, next_offset, expected)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (source) DO UPDATE SET begun_at = EXCLUDED.begun_at,
                 resource = EXCLUDED.resource, next_offset = EXCLUDED.next_offset,
                 expected = EXCLUDED.expected, saved_at = now()",
            source,
            progress.begun_at,
            &progress.resource,
            progress.next_offset,
            progress.expected,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets where an import stood: it has come to its end, or begins anew.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn end_import(&self, source: &str) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM import_progress WHERE source = $1", source)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
