//! Destinations with a filter, as people keep them: each by its name.

mod one;

use proto_events::directory::Filter;
use proto_events::{Channel, DestinationId};
use secrecy::SecretString;
use serde_json::Value;
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::rows::{json, owned, text, word};
use crate::store::Store;
use crate::vault::Cell;
use crate::webhooks::NewWebhook;

/// A destination with a filter, to be written.
#[derive(Clone, Debug)]
pub struct NewDestination {
    /// Its unique name, 1 to 100 characters.
    pub name: String,
    /// Where jobs go.
    pub place: NewPlace,
    /// What it is told.
    pub filter: Filter,
}

/// A place that a person names.
#[derive(Clone, Debug)]
pub enum NewPlace {
    /// A mail address.
    Mail(String),
    /// A Slack channel, by its name or id.
    Slack(String),
    /// The URL of a Teams workflow, which whoever knows it may post to.
    Msteams(SecretString),
    /// A webhook endpoint, which gets the destination's name.
    Webhook {
        /// Where requests go, up to 200 characters.
        url: String,
        /// A header that every request carries, with its value.
        header: Option<(String, SecretString)>,
    },
}

/// A destination with a filter, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDestination {
    /// The row's id.
    pub id: DestinationId,
    /// Its name.
    pub name: String,
    /// The channel it belongs to.
    pub channel: Channel,
    /// The address, Slack channel or endpoint's URL; none if it is a secret.
    pub address: Option<String>,
    /// What it is told.
    pub filter: Filter,
    /// Whether a person switched it off.
    pub switched_off: bool,
}

/// Who hears of what goes wrong at a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overseen {
    /// Active superusers, by id.
    pub superusers: Vec<i64>,
    /// What people call the destination.
    pub destination: String,
}

/// The cell of the Teams URL of a destination with a name.
pub(crate) const fn msteams_url(destination: DestinationId) -> Cell {
    Cell {
        table: "destinations",
        column: "msteams_url",
        row: destination,
    }
}

impl Store {
    /// Writes the destination of that name, replacing place and filter of the one that is there.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`]; or if the database is away, a text is too long, or there is
    /// no key to encrypt a secret with.
    pub async fn put_destination(
        &self,
        destination: &NewDestination,
    ) -> Result<DestinationId, StoreError> {
        let NewDestination {
            name,
            place,
            filter,
        } = destination;
        let filter = json(serde_json::to_value(filter)?);
        match place {
            NewPlace::Mail(address) => {
                self.put_named(Channel::Mail, name, Some(address), None, &filter)
            }
            NewPlace::Slack(channel) => {
                self.put_named(Channel::Slack, name, Some(channel), None, &filter)
            }
            NewPlace::Msteams(url) => {
                self.put_named(Channel::Msteams, name, None, Some(url), &filter)
            }
            NewPlace::Webhook { url, header } => {
                let (header_name, header_value) = header.clone().unzip();
                let webhook = NewWebhook {
                    name: name.clone(),
                    url: url.clone(),
                    header_name,
                    header_value,
                    owner: None,
                };
                return self.put_filtered_webhook(&webhook, &filter).await;
            }
        }
        .await
    }

    async fn put_named(
        &self,
        channel: Channel,
        name: &str,
        address: Option<&String>,
        url: Option<&SecretString>,
        filter: &Value,
    ) -> Result<DestinationId, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let id = sqlx::query_scalar!(
            "INSERT INTO destinations AS place (channel, name, address, filter)
             SELECT $1::text, $2::text, $3::text, $4::jsonb
             WHERE NOT EXISTS (SELECT FROM destinations AS other
                               JOIN notification_webhooks AS w ON w.id = other.webhook_id
                               WHERE w.name = $2 AND other.filter IS NOT NULL)
             ON CONFLICT (name) WHERE gone_at IS NULL AND name IS NOT NULL
                 DO UPDATE SET address = EXCLUDED.address, filter = EXCLUDED.filter
                 WHERE place.channel = EXCLUDED.channel
             RETURNING id",
            channel.as_str(),
            &text(name),
            address.map(|address| owned(address)),
            filter
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or_else(|| StoreError::NameTaken(name.to_owned()))?;
        if let Some(url) = url {
            self.write_url(&mut transaction, id, url).await?;
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// Writes a destination's Teams URL: sealed for its row, hence once the row has an id.
    async fn write_url(
        &self,
        database: &mut PgConnection,
        id: DestinationId,
        url: &SecretString,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE destinations SET msteams_url = $2 WHERE id = $1",
            id,
            self.vault.seal(msteams_url(id), url)?
        )
        .execute(database)
        .await?;
        Ok(())
    }

    async fn put_filtered_webhook(
        &self,
        webhook: &NewWebhook,
        filter: &Value,
    ) -> Result<DestinationId, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let taken = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM notification_webhooks WHERE name = $1 AND owner IS NOT NULL)
                   OR EXISTS (SELECT FROM destinations WHERE name = $1 AND gone_at IS NULL) AS "taken!""#,
            &text(&webhook.name)
        )
        .fetch_one(&mut *transaction)
        .await?;
        if taken {
            return Err(StoreError::NameTaken(webhook.name.clone()));
        }
        let endpoint = self.write_webhook(&mut transaction, webhook).await?;
        let id = filter_webhook(&mut transaction, endpoint, filter).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Every destination with a filter, by name.
    ///
    /// # Errors
    /// If the database is away, or holds a word or filter that this release does not know.
    pub async fn named_destinations(&self) -> Result<Vec<NamedDestination>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT d.id, d.channel, coalesce(d.name, w.name) AS "name!", coalesce(d.address, w.url) AS address,
                      d.filter AS "filter!", d.switched_off
               FROM destinations AS d LEFT JOIN notification_webhooks AS w ON w.id = d.webhook_id
               WHERE d.filter IS NOT NULL AND d.gone_at IS NULL
               ORDER BY 3"#
        )
        .fetch_all(&self.pool)
        .await?;
        let named = rows.into_iter().map(|row| {
            Ok(NamedDestination {
                id: row.id,
                name: row.name,
                channel: word("destinations.channel", &row.channel)?,
                address: row.address,
                filter: serde_json::from_value(row.filter)?,
                switched_off: row.switched_off,
            })
        });
        named.collect()
    }

    /// Who hears of what goes wrong at a destination, and what people call it.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn overseen(&self, destination: DestinationId) -> Result<Overseen, StoreError> {
        Ok(sqlx::query_as!(
            Overseen,
            r#"SELECT (SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM users
                       WHERE superuser AND active AND deleted_at IS NULL) AS "superusers!",
                      coalesce(
                          (SELECT coalesce(d.name, w.name, u.username, d.address, 'the system''s own channel')
                           FROM destinations AS d
                           LEFT JOIN notification_webhooks AS w ON w.id = d.webhook_id
                           LEFT JOIN users AS u ON u.id = d.user_id
                           WHERE d.id = $1),
                          'destination ' || $1) AS "destination!""#,
            destination
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Removes the destination with a filter of that name; what is under way to it ends. Says
    /// whether it was there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn remove_destination(&self, name: &str) -> Result<bool, StoreError> {
        let removed = sqlx::query_scalar!(
            r#"WITH named AS (
                   UPDATE destinations SET gone_at = now(), msteams_url = NULL
                   WHERE name = $1 AND gone_at IS NULL RETURNING id
               ), endpoint AS (
                   DELETE FROM notification_webhooks AS w USING destinations AS d
                   WHERE d.webhook_id = w.id AND d.filter IS NOT NULL AND w.name = $1 RETURNING w.id
               )
               SELECT EXISTS (SELECT FROM named) OR EXISTS (SELECT FROM endpoint) AS "removed!""#,
            &text(name)
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(removed)
    }
}

/// Gives the destination of a webhook endpoint a filter.
async fn filter_webhook(
    database: &mut PgConnection,
    endpoint: i64,
    filter: &Value,
) -> Result<DestinationId, StoreError> {
    let filtered = sqlx::query_scalar!(
        "UPDATE destinations SET filter = $2 WHERE webhook_id = $1 RETURNING id",
        endpoint,
        filter
    );
    Ok(filtered.fetch_one(database).await?)
}
