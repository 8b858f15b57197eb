//! System Settings whole, but for the secrets.

use crate::choices::SystemSettings;
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Reads System Settings, but for the two secrets.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn system_settings(&self) -> Result<SystemSettings, StoreError> {
        let settings = sqlx::query_scalar!(
            r#"SELECT to_jsonb(s) - 'slack_token' - 'msteams_url' AS "settings!" FROM system_settings AS s"#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(serde_json::from_value(settings)?)
    }
}
