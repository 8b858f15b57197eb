//! Names for what the ledger knows by its ids.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use proto_events::DestinationId;
use serde::Deserialize;

use crate::error::StoreError;
use crate::rows::{column, key, owned};
use crate::store::Store;

impl Store {
    /// Titles of events, as far as they are remembered. Bodies can be long: they are read one by one.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn event_titles(
        &self,
        events: &[(String, String)],
    ) -> Result<BTreeMap<(String, String), String>, StoreError> {
        let mut rows = sqlx::query!(
            "SELECT source, id, body FROM events
             WHERE (id, source) IN (SELECT * FROM UNNEST($1::text[], $2::text[]))",
            &column(events, |(_, id)| key(id)),
            &column(events, |(source, _)| key(source)),
        )
        .fetch(&self.pool);
        let mut titles = BTreeMap::new();
        while let Some(row) = rows.try_next().await? {
            if let Some(title) = title(&row.body) {
                titles.insert((row.source, row.id), title);
            }
        }
        Ok(titles)
    }

    /// Usernames by id, also of those who left.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn usernames(&self, ids: &[i64]) -> Result<BTreeMap<i64, String>, StoreError> {
        let rows = sqlx::query!("SELECT id, username FROM users WHERE id = ANY ($1)", ids)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.username)).collect())
    }

    /// Ids by username, also of those who left.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn user_ids(&self, names: &[String]) -> Result<BTreeMap<String, i64>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, username FROM users WHERE username = ANY ($1)",
            &column(names, |name| owned(name))
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.username, row.id)).collect())
    }

    /// What people call destinations, of those that have a name.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn destination_names(
        &self,
        ids: &[DestinationId],
    ) -> Result<BTreeMap<DestinationId, String>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT place.id AS "id!", coalesce(place.name, hook.name) AS "name!"
               FROM destinations AS place LEFT JOIN notification_webhooks AS hook ON hook.id = place.webhook_id
               WHERE place.id = ANY ($1) AND coalesce(place.name, hook.name) IS NOT NULL"#,
            ids
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    }
}

/// The title in an event's body.
fn title(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Titled {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        title: String,
    }
    let titled: Titled = serde_json::from_str(body).ok()?;
    Some(titled.data.title).filter(|title| !title.is_empty())
}
