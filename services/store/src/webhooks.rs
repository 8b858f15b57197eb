//! Webhook endpoints, as people keep them.

use secrecy::SecretString;
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::rows::{owned, text};
use crate::store::Store;
use crate::vault::Cell;

/// An endpoint to be written.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Its unique name, 1 to 100 characters.
    pub name: String,
    /// Where requests go, up to 200 characters.
    pub url: String,
    /// A header that every request carries; an empty name is none.
    pub header_name: Option<String>,
    /// That header's value.
    pub header_value: Option<SecretString>,
    /// The user whose notifications it gets; none: the system's.
    pub owner: Option<i64>,
}

/// The cell of an endpoint's header value.
pub(crate) const fn header_value(endpoint: i64) -> Cell {
    Cell {
        table: "notification_webhooks",
        column: "header_value",
        row: endpoint,
    }
}

impl Store {
    /// Writes the endpoint of that name and gives its id. As in DefectDojo, an endpoint
    /// that a person writes is active again, its errors and note forgotten.
    ///
    /// # Errors
    /// If the database is away, a text is too long, the owner is unknown, or there is no
    /// key to encrypt the header's value with.
    pub async fn put_webhook(&self, webhook: &NewWebhook) -> Result<i64, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let id = self.write_webhook(&mut transaction, webhook).await?;
        transaction.commit().await?;
        Ok(id)
    }

    pub(crate) async fn write_webhook(
        &self,
        database: &mut PgConnection,
        webhook: &NewWebhook,
    ) -> Result<i64, StoreError> {
        let header_name = webhook
            .header_name
            .as_deref()
            .filter(|name| !name.is_empty())
            .map(owned);
        let id = sqlx::query_scalar!(
            "INSERT INTO notification_webhooks (name, url, header_name, owner) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE SET url = EXCLUDED.url, header_name = EXCLUDED.header_name,
                 owner = EXCLUDED.owner, status = 'active', first_error = NULL, last_error = NULL,
                 note = NULL, disabled_by_person = false, state_since = now()
             RETURNING id",
            &text(&webhook.name),
            &text(&webhook.url),
            header_name,
            webhook.owner
        )
        .fetch_one(&mut *database)
        .await?;
        self.write_header_value(database, id, webhook.header_value.as_ref())
            .await?;
        Ok(id)
    }

    /// Writes an endpoint's header value: sealed for its row, hence once the row has an id.
    pub(crate) async fn write_header_value(
        &self,
        database: &mut PgConnection,
        id: i64,
        value: Option<&SecretString>,
    ) -> Result<(), StoreError> {
        let sealed = value
            .map(|value| self.vault.seal(header_value(id), value))
            .transpose()?;
        sqlx::query!(
            "UPDATE notification_webhooks SET header_value = $2 WHERE id = $1",
            id,
            sealed
        )
        .execute(database)
        .await?;
        Ok(())
    }

    /// Activates an endpoint for a person, whatever its state: its errors and note are forgotten
    /// (DefectDojo `notifications/ui/views.py`, `edit_webhook`). False if it is not there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn activate_webhook(&self, id: i64) -> Result<bool, StoreError> {
        let written = sqlx::query!(
            "UPDATE notification_webhooks SET status = 'active', disabled_by_person = false,
                 first_error = NULL, last_error = NULL, note = NULL, state_since = now()
             WHERE id = $1",
            id
        )
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected() > 0)
    }

    /// Switches an endpoint off for a person: no jobs are made for it any more
    /// (DefectDojo `notifications/ui/views.py`, `deactivate_webhook`). False if it is not there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn switch_off_webhook(&self, id: i64) -> Result<bool, StoreError> {
        let written = sqlx::query!(
            "UPDATE notification_webhooks SET status = 'inactive_permanent', disabled_by_person = true,
                 first_error = NULL, last_error = NULL, note = 'Deactivate from UI', state_since = now()
             WHERE id = $1",
            id
        )
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected() > 0)
    }

    /// Removes an endpoint; what is under way to it ends.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn delete_webhook(&self, id: i64) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM notification_webhooks WHERE id = $1", id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
