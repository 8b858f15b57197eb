//! One destination with a filter: made where none has its name, moved where it still is. Neither
//! writes over what somebody else made meanwhile.

use proto_events::directory::Filter;
use proto_events::{Channel, DestinationId};
use secrecy::SecretString;
use serde_json::Value;

use super::{NewDestination, NewPlace, filter_webhook, msteams_url};
use crate::error::StoreError;
use crate::rows::{json, owned, text};
use crate::store::Store;
use crate::webhooks::NewWebhook;

impl NewPlace {
    /// What its own row holds: channel, address and secret. An endpoint's are in a row of its own.
    fn cells(&self) -> (Channel, Option<&str>, Option<&SecretString>) {
        match self {
            Self::Mail(address) => (Channel::Mail, Some(address.as_str()), None),
            Self::Slack(channel) => (Channel::Slack, Some(channel.as_str()), None),
            Self::Msteams(url) => (Channel::Msteams, None, Some(url)),
            Self::Webhook { .. } => (Channel::Webhooks, None, None),
        }
    }
}

impl Store {
    /// Writes a destination that is new, and gives its id; none if another destination, or a webhook
    /// endpoint, has its name.
    ///
    /// # Errors
    /// If the database is away, a text is too long, or there is no key to encrypt a secret with.
    pub async fn add_destination(
        &self,
        destination: &NewDestination,
    ) -> Result<Option<DestinationId>, StoreError> {
        let filter = json(serde_json::to_value(&destination.filter)?);
        let NewPlace::Webhook { url, header } = &destination.place else {
            return self.add_named(destination, &filter).await;
        };
        let (header_name, header_value) = header.clone().unzip();
        let webhook = NewWebhook {
            name: destination.name.clone(),
            url: url.clone(),
            header_name,
            header_value,
            owner: None,
        };
        self.add_filtered_webhook(&webhook, &filter).await
    }

    async fn add_named(
        &self,
        NewDestination { name, place, .. }: &NewDestination,
        filter: &Value,
    ) -> Result<Option<DestinationId>, StoreError> {
        let (channel, address, url) = place.cells();
        let mut transaction = self.pool.begin().await?;
        let added = sqlx::query_scalar!(
            "INSERT INTO destinations (channel, name, address, filter)
             SELECT $1::text, $2::text, $3::text, $4::jsonb
             WHERE NOT EXISTS (SELECT FROM notification_webhooks WHERE name = $2)
             ON CONFLICT (name) WHERE gone_at IS NULL AND name IS NOT NULL DO NOTHING
             RETURNING id",
            channel.as_str(),
            &text(name),
            address.map(owned),
            filter
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(id) = added else { return Ok(None) };
        if let Some(url) = url {
            self.write_url(&mut transaction, id, url).await?;
        }
        transaction.commit().await?;
        Ok(Some(id))
    }

    async fn add_filtered_webhook(
        &self,
        webhook: &NewWebhook,
        filter: &Value,
    ) -> Result<Option<DestinationId>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let taken = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM destinations WHERE name = $1 AND gone_at IS NULL) AS "taken!""#,
            &text(&webhook.name)
        )
        .fetch_one(&mut *transaction)
        .await?;
        if taken {
            return Ok(None);
        }
        let added = self.insert_webhook(&mut transaction, webhook).await?;
        let Some(endpoint) = added else {
            return Ok(None);
        };
        let id = filter_webhook(&mut transaction, endpoint, filter).await?;
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Changes where a destination with a name is, and what it is told. False if it is not there any
    /// more, or is of another channel; a webhook endpoint is moved at the endpoint.
    ///
    /// # Errors
    /// As [`Store::add_destination`].
    pub async fn move_destination(
        &self,
        id: DestinationId,
        place: &NewPlace,
        filter: &Filter,
    ) -> Result<bool, StoreError> {
        let (channel, address, url) = place.cells();
        let sealed = url
            .map(|url| self.vault.seal(msteams_url(id), url))
            .transpose()?;
        let moved = sqlx::query!(
            "UPDATE destinations SET address = $3, msteams_url = $4, filter = $5
             WHERE id = $1 AND channel = $2 AND name IS NOT NULL AND gone_at IS NULL",
            id,
            channel.as_str(),
            address.map(owned),
            sealed,
            json(serde_json::to_value(filter)?)
        )
        .execute(&self.pool)
        .await?;
        Ok(moved.rows_affected() > 0)
    }
}
