//! A person's own alerts. Millions may lie in the table, so each statement reads no more than a
//! range of the index `alerts_of_user`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pages::{Page, Window};
use crate::store::Store;

/// An alert as its owner reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAlert {
    /// Its id.
    pub id: Uuid,
    /// One line.
    pub title: String,
    /// What happened.
    pub description: String,
    /// Where it leads.
    pub url: Option<String>,
    /// Font Awesome icon name.
    pub icon: String,
    /// What kind of event it was.
    pub source: String,
    /// When it was written.
    pub created: DateTime<Utc>,
    /// When its owner marked it as read.
    pub read_at: Option<DateTime<Utc>>,
}

impl Store {
    /// A page of a person's alerts, the newest first: all, read or unread ones, or one.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn alerts_page(
        &self,
        user: i64,
        id: Option<Uuid>,
        read: Option<bool>,
        window: Window,
    ) -> Result<Page<ListedAlert>, StoreError> {
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM alerts
               WHERE user_id = $1 AND removed_at IS NULL AND ($2::uuid IS NULL OR id = $2)
                 AND ($3::boolean IS NULL OR (read_at IS NOT NULL) = $3)"#,
            user,
            id,
            read
        )
        .fetch_one(&self.pool)
        .await?;
        let rows = sqlx::query_as!(
            ListedAlert,
            "SELECT id, title, description, url, icon, source, created, read_at FROM alerts
             WHERE user_id = $1 AND removed_at IS NULL AND ($2::uuid IS NULL OR id = $2)
               AND ($3::boolean IS NULL OR (read_at IS NOT NULL) = $3)
             ORDER BY created DESC, id DESC LIMIT $4 OFFSET $5",
            user,
            id,
            read,
            i64::from(window.limit),
            window.offset
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Page { count, rows })
    }

    /// How many alerts a person has, read ones too, as DefectDojo counts them.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn alerts_count(&self, user: i64) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM alerts WHERE user_id = $1 AND removed_at IS NULL"#,
            user
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Marks some of a person's alerts as read or as unread, and says how many are. Those of
    /// others are left alone.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn mark_alerts(
        &self,
        user: i64,
        ids: &[Uuid],
        read: bool,
    ) -> Result<u64, StoreError> {
        let marked = sqlx::query!(
            "UPDATE alerts SET read_at = CASE WHEN $3 THEN coalesce(read_at, now()) END
             WHERE user_id = $1 AND id = ANY ($2) AND removed_at IS NULL",
            user,
            ids,
            read
        );
        Ok(marked.execute(&self.pool).await?.rows_affected())
    }

    /// Removes a person's alerts, some or all, and says how many went. Those of others are left
    /// alone. A removed one is marked, so that a late copy of its job does not bring it back.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn remove_alerts(&self, user: i64, ids: Option<&[Uuid]>) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            "UPDATE alerts SET removed_at = now()
             WHERE user_id = $1 AND ($2::uuid[] IS NULL OR id = ANY ($2)) AND removed_at IS NULL",
            user,
            ids
        );
        Ok(removed.execute(&self.pool).await?.rows_affected())
    }
}
