//! System Settings whole, but for the secrets.

use crate::choices::SystemSettings;
use crate::error::StoreError;
use crate::settings::read_settings;
use crate::store::Store;

impl Store {
    /// Reads System Settings, but for the two secrets.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn system_settings(&self) -> Result<SystemSettings, StoreError> {
        Ok(read_settings(&self.pool).await?.0)
    }

    /// Which of the two secrets of System Settings are set: the Slack token, the Teams URL.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn settings_secrets(&self) -> Result<(bool, bool), StoreError> {
        let set = sqlx::query!(
            r#"SELECT slack_token IS NOT NULL AS "slack_token!", msteams_url IS NOT NULL AS "msteams_url!"
               FROM system_settings"#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((set.slack_token, set.msteams_url))
    }
}
