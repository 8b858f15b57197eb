//! System Settings, with their two secrets.

use proto_events::directory::Settings;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use sqlx::PgExecutor;

use crate::error::StoreError;
use crate::secret_change::SecretChange;
use crate::store::Store;
use crate::vault::{Cell, VaultError};

/// The cell of the Slack token.
pub(crate) const SLACK_TOKEN: Cell = Cell {
    table: "system_settings",
    column: "slack_token",
    row: 1,
};
/// The cell of the Teams URL.
pub(crate) const MSTEAMS_URL: Cell = Cell {
    table: "system_settings",
    column: "msteams_url",
    row: 1,
};

/// What a sender needs besides the place a job goes to.
#[derive(Clone, Debug)]
pub struct DeliverySettings {
    /// The settings that anybody may see.
    pub settings: Settings,
    /// The token of the Slack app, if one is set. A sender without the key must not fail
    /// because of a secret it never uses, hence the result inside.
    pub slack_token: Result<Option<SecretString>, VaultError>,
}

impl Store {
    /// Writes what routing and texts read of System Settings; the rest is written back as it was
    /// read, so nobody else should write them meanwhile.
    ///
    /// # Errors
    /// If the database is away, or a text is longer than DefectDojo allows.
    pub async fn put_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        let mut all = self.system_settings().await?;
        all.settings = settings.clone();
        self.put_system_settings(&all, &SecretChange::Leave, &SecretChange::Leave, None)
            .await?;
        Ok(())
    }

    /// Writes the secrets of System Settings; none clears.
    ///
    /// # Errors
    /// If the database is away, or there is no key to encrypt with.
    pub async fn put_settings_secrets(
        &self,
        slack_token: Option<&SecretString>,
        msteams_url: Option<&SecretString>,
    ) -> Result<(), StoreError> {
        let seal = |cell, secret: Option<&SecretString>| {
            secret
                .map(|secret| self.vault.seal(cell, secret))
                .transpose()
        };
        sqlx::query!(
            "UPDATE system_settings SET slack_token = $1, msteams_url = $2",
            seal(SLACK_TOKEN, slack_token)?,
            seal(MSTEAMS_URL, msteams_url)?
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Reads System Settings with the Slack token.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn delivery_settings(&self) -> Result<DeliverySettings, StoreError> {
        let (settings, token) = read_settings(&self.pool).await?;
        Ok(self.opened(settings, token))
    }

    pub(crate) fn opened(&self, settings: Settings, token: Option<Vec<u8>>) -> DeliverySettings {
        let slack_token = token
            .map(|sealed| self.vault.open(SLACK_TOKEN, &sealed))
            .transpose();
        DeliverySettings {
            settings,
            slack_token,
        }
    }
}

/// The settings that anybody may see, as much of them as a reader takes, and the sealed Slack token.
pub(crate) async fn read_settings<T: DeserializeOwned>(
    database: impl PgExecutor<'_>,
) -> Result<(T, Option<Vec<u8>>), StoreError> {
    let row = sqlx::query!(
        r#"SELECT to_jsonb(s) - 'slack_token' - 'msteams_url' AS "settings!", slack_token
           FROM system_settings AS s"#
    )
    .fetch_one(database)
    .await?;
    Ok((serde_json::from_value(row.settings)?, row.slack_token))
}
