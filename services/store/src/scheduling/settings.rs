//! System Settings whole, but for the secrets.

use crate::choices::SystemSettings;
use crate::error::StoreError;
use crate::settings::read_settings;
use crate::store::Store;

/// What System Settings do not tell of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsStanding {
    /// Whether there is a Slack token.
    pub slack_token: bool,
    /// Whether there is a Teams URL.
    pub msteams_url: bool,
    /// Another one after every change, so that nobody writes over what they have not seen.
    pub version: String,
}

impl Store {
    /// Reads System Settings, but for the two secrets.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn system_settings(&self) -> Result<SystemSettings, StoreError> {
        Ok(read_settings(&self.pool).await?.0)
    }

    /// How System Settings stand.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn settings_standing(&self) -> Result<SettingsStanding, StoreError> {
        Ok(sqlx::query_as!(
            SettingsStanding,
            r#"SELECT slack_token IS NOT NULL AS "slack_token!", msteams_url IS NOT NULL AS "msteams_url!",
                      xmin::text AS "version!"
               FROM system_settings"#
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
