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
}
