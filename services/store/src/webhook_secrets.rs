//! Secrets that webhook requests are signed with.

use std::time::Duration;

use secrecy::SecretString;

use crate::error::StoreError;
use crate::store::Store;
use crate::vault::{Cell, VaultError};
use crate::webhooks::header_value;

/// The cell of an endpoint's signing secret. A rotation moves the sealed bytes to the previous
/// one's column as they are, so that one counts as this cell too.
pub(crate) const fn signing_secret(endpoint: i64) -> Cell {
    Cell {
        table: "notification_webhooks",
        column: "signing_secret",
        row: endpoint,
    }
}

/// What an endpoint's row holds encrypted.
pub(crate) struct SealedSecrets {
    pub(crate) header_value: Option<Vec<u8>>,
    pub(crate) signing_secret: Option<Vec<u8>>,
    /// Only as long as it signs.
    pub(crate) previous_signing_secret: Option<Vec<u8>>,
}

impl Store {
    /// An endpoint's header value, and what its requests are signed with.
    pub(crate) fn open_webhook(
        &self,
        endpoint: i64,
        sealed: SealedSecrets,
    ) -> Result<(Option<SecretString>, Vec<SecretString>), VaultError> {
        let header_value = sealed
            .header_value
            .map(|value| self.vault.open(header_value(endpoint), &value))
            .transpose()?;
        let signing = sealed.signing_secret.into_iter();
        let signing = signing
            .chain(sealed.previous_signing_secret)
            .map(|secret| self.vault.open(signing_secret(endpoint), &secret))
            .collect::<Result<_, _>>()?;
        Ok((header_value, signing))
    }

    /// Gives an endpoint its first secret. False if there is no such endpoint, or it has one.
    ///
    /// # Errors
    /// If the database is away, or there is no key to encrypt the secret with.
    pub async fn add_webhook_secret(
        &self,
        endpoint: i64,
        secret: &SecretString,
    ) -> Result<bool, StoreError> {
        let sealed = self.vault.seal(signing_secret(endpoint), secret)?;
        let done = sqlx::query!(
            "UPDATE notification_webhooks SET signing_secret = $2
             WHERE id = $1 AND signing_secret IS NULL",
            endpoint,
            sealed
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives an endpoint a new secret; the one before signs beside it for the overlap. False if
    /// there is no such endpoint, or it has no secret.
    ///
    /// # Errors
    /// If the database is away, or there is no key to encrypt the secret with.
    pub async fn rotate_webhook_secret(
        &self,
        endpoint: i64,
        secret: &SecretString,
        overlap: Duration,
    ) -> Result<bool, StoreError> {
        let sealed = self.vault.seal(signing_secret(endpoint), secret)?;
        let done = sqlx::query!(
            "UPDATE notification_webhooks
             SET previous_signing_secret = signing_secret,
                 previous_signs_until = now() + make_interval(secs => $3),
                 signing_secret = $2
             WHERE id = $1 AND signing_secret IS NOT NULL",
            endpoint,
            sealed,
            overlap.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends the secret before the present one: it signs no more. False if there is no such
    /// endpoint, or none such secret signs.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn end_previous_webhook_secret(&self, endpoint: i64) -> Result<bool, StoreError> {
        let done = sqlx::query_scalar!(
            r#"UPDATE notification_webhooks AS w
               SET previous_signing_secret = NULL, previous_signs_until = NULL
               FROM (SELECT id, previous_signs_until > now() AS signs FROM notification_webhooks
                     WHERE id = $1 AND previous_signing_secret IS NOT NULL FOR UPDATE) AS was
               WHERE w.id = was.id
               RETURNING was.signs AS "signs!""#,
            endpoint
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(done == Some(true))
    }

    /// Takes an endpoint's secrets away: its requests are signed no more. False if there is no
    /// such endpoint, or it has no secret.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn remove_webhook_secret(&self, endpoint: i64) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE notification_webhooks
             SET signing_secret = NULL, previous_signing_secret = NULL, previous_signs_until = NULL
             WHERE id = $1 AND signing_secret IS NOT NULL",
            endpoint
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
