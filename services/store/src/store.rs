//! The handle that services hold.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::config::StoreConfig;
use crate::error::StoreError;
use crate::vault::Vault;

/// How long a call waits for a connection before it says that there is none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A pool of connections and the keys to the secrets. Clones share both.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) pool: PgPool,
    pub(crate) vault: Arc<Vault>,
}

impl Store {
    /// Opens no connection yet: services start in any order, and the first call that
    /// needs the database finds out whether it is there. `application_name` is what
    /// `pg_stat_activity` shows.
    ///
    /// Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::Config`] names the variable that cannot be used.
    pub fn new(config: &StoreConfig, application_name: &str) -> Result<Self, StoreError> {
        let vault = Vault::new(config.credential_aes_256_key.as_ref())?;
        let options = connect_options(&config.database_url)?.application_name(application_name);
        let pool = PgPoolOptions::new()
            .max_connections(config.database_connections.get())
            .acquire_timeout(CONNECT_TIMEOUT)
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            vault: Arc::new(vault),
        })
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// If there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query_scalar!("SELECT 1")
            .fetch_one(&self.pool)
            .await?;
        Ok(())
    }
}

/// Reads a database URL.
///
/// # Errors
/// [`StoreError::Config`]; the message does not repeat the URL, which may hold a password.
pub(crate) fn connect_options(url: &SecretString) -> Result<PgConnectOptions, StoreError> {
    PgConnectOptions::from_str(url.expose_secret()).map_err(|error| StoreError::Config {
        variable: "DD_DATABASE_URL",
        problem: format!("{error}; write postgres://user:password@host:port/database"),
    })
}
