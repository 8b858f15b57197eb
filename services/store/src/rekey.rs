//! Every secret at rest, encrypted anew with the newest key.

use crate::error::StoreError;
use crate::named;
use crate::settings::{MSTEAMS_URL, SLACK_TOKEN};
use crate::store::Store;
use crate::vault::{Cell, VaultError};
use crate::webhook_secrets::signing_secret;
use crate::webhooks::header_value;

/// A secret as it is kept. Shows nothing of it but its place.
pub struct SealedSecret {
    column: Column,
    row: i64,
    bytes: Vec<u8>,
}

/// Every column that holds secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    SlackToken,
    MsteamsUrl,
    NamedMsteamsUrl,
    HeaderValue,
    SigningSecret,
    PreviousSigningSecret,
}

/// What came of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rekeyed {
    /// It is under the newest key now.
    Done,
    /// It was before.
    Before,
    /// Somebody changed it meanwhile, and so encrypted it with the newest key.
    Changed,
    /// It cannot be read; it is left as it is.
    Unreadable(VaultError),
}

impl Column {
    /// What a value is bound to.
    const fn cell(self, row: i64) -> Cell {
        match self {
            Self::SlackToken => SLACK_TOKEN,
            Self::MsteamsUrl => MSTEAMS_URL,
            Self::NamedMsteamsUrl => named::msteams_url(row),
            Self::HeaderValue => header_value(row),
            Self::SigningSecret | Self::PreviousSigningSecret => signing_secret(row),
        }
    }
}

impl Store {
    /// Every secret there is.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn sealed_secrets(&self) -> Result<Vec<SealedSecret>, StoreError> {
        let settings = sqlx::query!("SELECT slack_token, msteams_url FROM system_settings")
            .fetch_one(&self.pool)
            .await?;
        let webhooks = sqlx::query!(
            "SELECT id, header_value, signing_secret, previous_signing_secret FROM notification_webhooks ORDER BY id"
        )
        .fetch_all(&self.pool)
        .await?;
        let named = sqlx::query!(
            "SELECT id, msteams_url FROM destinations WHERE msteams_url IS NOT NULL ORDER BY id"
        )
        .fetch_all(&self.pool)
        .await?;
        let settings = [
            (Column::SlackToken, 1, settings.slack_token),
            (Column::MsteamsUrl, 1, settings.msteams_url),
        ];
        let named = named
            .into_iter()
            .map(|row| (Column::NamedMsteamsUrl, row.id, row.msteams_url));
        let webhooks = webhooks.into_iter().flat_map(|row| {
            [
                (Column::HeaderValue, row.id, row.header_value),
                (Column::SigningSecret, row.id, row.signing_secret),
                (
                    Column::PreviousSigningSecret,
                    row.id,
                    row.previous_signing_secret,
                ),
            ]
        });
        let cells = settings.into_iter().chain(named).chain(webhooks);
        let secrets = cells.filter_map(|(column, row, bytes)| {
            let bytes = bytes?;
            Some(SealedSecret { column, row, bytes })
        });
        Ok(secrets.collect())
    }

    /// Whether a secret can be read.
    pub(crate) fn read_sealed(&self, secret: &SealedSecret) -> Result<(), VaultError> {
        let cell = secret.column.cell(secret.row);
        self.vault.open(cell, &secret.bytes).map(|_| ())
    }

    /// Encrypts a secret with the newest key, unless it is or somebody changed it meanwhile.
    ///
    /// # Errors
    /// If the database is away, or there is no key.
    pub async fn rekey(&self, secret: &SealedSecret) -> Result<Rekeyed, StoreError> {
        let SealedSecret { column, row, bytes } = secret;
        if self.vault.is_newest(bytes) {
            let readable = self.read_sealed(secret);
            return Ok(readable.map_or_else(Rekeyed::Unreadable, |()| Rekeyed::Before));
        }
        let sealed = match self.vault.reseal(column.cell(*row), bytes) {
            Ok(sealed) => sealed,
            Err(error @ VaultError::NoKey(_)) => return Err(error.into()),
            Err(error) => return Ok(Rekeyed::Unreadable(error)),
        };
        Ok(if self.exchange(*column, *row, bytes, &sealed).await? {
            Rekeyed::Done
        } else {
            Rekeyed::Changed
        })
    }

    /// Writes a value where the other one still stands; false if it does not.
    async fn exchange(
        &self,
        column: Column,
        row: i64,
        old: &[u8],
        new: &[u8],
    ) -> Result<bool, StoreError> {
        let pool = &self.pool;
        let done = match column {
            Column::SlackToken => sqlx::query!(
                "UPDATE system_settings SET slack_token = $2 WHERE slack_token = $1", old, new
            ).execute(pool).await?,
            Column::MsteamsUrl => sqlx::query!(
                "UPDATE system_settings SET msteams_url = $2 WHERE msteams_url = $1", old, new
            ).execute(pool).await?,
            Column::NamedMsteamsUrl => sqlx::query!(
                "UPDATE destinations SET msteams_url = $3 WHERE id = $1 AND msteams_url = $2", row, old, new
            ).execute(pool).await?,
            Column::HeaderValue => sqlx::query!(
                "UPDATE notification_webhooks SET header_value = $3 WHERE id = $1 AND header_value = $2", row, old, new
            ).execute(pool).await?,
            Column::SigningSecret => sqlx::query!(
                "UPDATE notification_webhooks SET signing_secret = $3 WHERE id = $1 AND signing_secret = $2",
                row, old, new
            ).execute(pool).await?,
            Column::PreviousSigningSecret => sqlx::query!(
                "UPDATE notification_webhooks SET previous_signing_secret = $3
                 WHERE id = $1 AND previous_signing_secret = $2",
                row, old, new
            ).execute(pool).await?,
        };
        Ok(done.rows_affected() > 0)
    }
}
