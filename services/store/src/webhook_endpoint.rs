//! One webhook endpoint, for a person who adds or tries it.

use proto_events::directory::User;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::destinations::Endpoint;
use crate::error::StoreError;
use crate::rows::{owned, text};
use crate::store::Store;
use crate::webhook_secrets::SealedSecrets;
use crate::webhooks::NewWebhook;

impl Store {
    /// Writes an endpoint that is new, and gives its id; none if its name is taken.
    ///
    /// # Errors
    /// If the database is away, a text is too long, the owner is unknown, or there is no key to
    /// encrypt the header's value with.
    pub async fn add_webhook(&self, webhook: &NewWebhook) -> Result<Option<i64>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let added = self.insert_webhook(&mut transaction, webhook).await?;
        if added.is_some() {
            transaction.commit().await?;
        }
        Ok(added)
    }

    pub(crate) async fn insert_webhook(
        &self,
        database: &mut PgConnection,
        webhook: &NewWebhook,
    ) -> Result<Option<i64>, StoreError> {
        let header_name = webhook.header_name.as_deref();
        let added = sqlx::query_scalar!(
            "INSERT INTO notification_webhooks (name, url, header_name, owner)
             VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING RETURNING id",
            &text(&webhook.name),
            &text(&webhook.url),
            header_name.filter(|name| !name.is_empty()).map(owned),
            webhook.owner
        )
        .fetch_optional(&mut *database)
        .await?;
        let Some(id) = added else { return Ok(None) };
        self.write_header_value(database, id, webhook.header_value.as_ref())
            .await?;
        Ok(Some(id))
    }

    /// The endpoint of an id, whatever its status; none if there is none.
    ///
    /// # Errors
    /// If the database is away, or the endpoint's secrets cannot be read.
    pub async fn webhook_endpoint(&self, id: i64) -> Result<Option<Endpoint>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT w.name, w.url, w.header_name, w.header_value, w.signing_secret,
                      CASE WHEN w.previous_signs_until > now() THEN w.previous_signing_secret END
                          AS previous_signing_secret,
                      to_jsonb(u) AS "owner?: Json<User>"
               FROM notification_webhooks AS w LEFT JOIN users AS u ON u.id = w.owner
               WHERE w.id = $1"#,
            id
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let sealed = SealedSecrets {
            header_value: row.header_value,
            signing_secret: row.signing_secret,
            previous_signing_secret: row.previous_signing_secret,
        };
        let (header_value, signing_secrets) = self.open_webhook(id, sealed)?;
        Ok(Some(Endpoint {
            id,
            name: row.name,
            url: row.url,
            header_name: row.header_name,
            header_value,
            signing_secrets,
            owner: row.owner.map(|owner| owner.0),
        }))
    }
}
