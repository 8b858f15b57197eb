//! A person's own alerts. Millions may lie in the table, so each statement reads no more than a
//! range of the index `alerts_of_user`. The statements in `alerts/` are files, so that a test can
//! ask for the plans of these very texts.

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

/// How a person's alerts stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertCount {
    /// The person.
    pub user: i64,
    /// How many they have, read ones too.
    pub count: i64,
    /// When the newest was written.
    pub newest: DateTime<Utc>,
}

impl Store {
    /// A page of a person's alerts, the newest first: all, or read or unread ones.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn alerts_page(
        &self,
        user: i64,
        read: Option<bool>,
        window: Window,
    ) -> Result<Page<ListedAlert>, StoreError> {
        // Two statements rather than a condition that may be none: a plan that is kept for both
        // would not be the best for all of them.
        let Some(read) = read else {
            return Ok(Page {
                count: self.alerts_count(user).await?,
                rows: self.newest_alerts(user, window).await?,
            });
        };
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM alerts
               WHERE user_id = $1 AND removed_at IS NULL AND (read_at IS NOT NULL) = $2"#,
            user,
            read
        )
        .fetch_one(&self.pool)
        .await?;
        let rows = sqlx::query_as!(
            ListedAlert,
            "SELECT id, title, description, url, icon, source, created, read_at FROM alerts
             WHERE user_id = $1 AND removed_at IS NULL AND (read_at IS NOT NULL) = $2
             ORDER BY created DESC, id DESC LIMIT $3 OFFSET $4",
            user,
            read,
            i64::from(window.limit),
            window.offset
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Page { count, rows })
    }

    /// A part of a person's alerts, the newest first, without counting all.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn newest_alerts(
        &self,
        user: i64,
        window: Window,
    ) -> Result<Vec<ListedAlert>, StoreError> {
        Ok(sqlx::query_file_as!(
            ListedAlert,
            "src/browse/alerts/newest.sql",
            user,
            i64::from(window.limit),
            window.offset
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// One of a person's alerts; none if they have none of that id.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn alert(&self, user: i64, id: Uuid) -> Result<Option<ListedAlert>, StoreError> {
        Ok(sqlx::query_as!(
            ListedAlert,
            "SELECT id, title, description, url, icon, source, created, read_at FROM alerts
             WHERE id = $1 AND user_id = $2 AND removed_at IS NULL",
            id,
            user
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// How many alerts a person has, read ones too, as DefectDojo counts them.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn alerts_count(&self, user: i64) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_file_scalar!("src/browse/alerts/count.sql", user)
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// How the alerts of several people stand; of those who have none there is no entry.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn alert_counts(&self, users: &[i64]) -> Result<Vec<AlertCount>, StoreError> {
        Ok(
            sqlx::query_file_as!(AlertCount, "src/browse/alerts/counts.sql", users)
                .fetch_all(&self.pool)
                .await?,
        )
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
            r#"WITH removed AS (
                   UPDATE alerts SET removed_at = now()
                   WHERE user_id = $1 AND ($2::uuid[] IS NULL OR id = ANY ($2)) AND removed_at IS NULL
                   RETURNING user_id
               )
               SELECT count(*) AS "count!", ring_bells(array_agg(DISTINCT user_id)) FROM removed"#,
            user,
            ids
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(u64::try_from(removed.count).unwrap_or_default())
    }
}
