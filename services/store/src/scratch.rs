//! A database of one's own, for tests and for trying things: made, migrated, dropped.

use std::num::NonZeroU32;

use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use uuid::Uuid;

use crate::config::{DEFAULT_DATABASE_URL, StoreConfig};
use crate::error::StoreError;
use crate::schema::{create_database, drop_database};
use crate::store::Store;

/// A fresh, migrated database with a key of its own for secrets. It is dropped with this
/// value, also when a test fails.
#[derive(Debug)]
pub struct Scratch {
    config: StoreConfig,
    store: Store,
}

impl Scratch {
    /// Makes a database named `dojo_test_<uuid>` beside the one of `DD_DATABASE_URL` (or
    /// its default).
    ///
    /// # Errors
    /// As [`Scratch::beside`].
    pub async fn create() -> Result<Self, StoreError> {
        let url =
            std::env::var("DD_DATABASE_URL").unwrap_or_else(|_| DEFAULT_DATABASE_URL.to_owned());
        Self::beside(&SecretString::from(url)).await
    }

    /// Makes a database named `dojo_test_<uuid>` on the server of this URL.
    ///
    /// # Errors
    /// If there is no server, or its user may not create databases.
    pub async fn beside(url: &SecretString) -> Result<Self, StoreError> {
        let config = StoreConfig {
            database_url: beside(url, &format!("dojo_test_{}", Uuid::new_v4().simple()))?,
            credential_aes_256_key: Some(random_key()?),
            database_connections: NonZeroU32::MIN.saturating_add(3),
        };
        create_database(&config.database_url).await?;
        let store = Store::new(&config, "scratch")?;
        let scratch = Self { config, store };
        scratch.store.migrate().await?;
        Ok(scratch)
    }

    /// A store on this database.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What a service needs to use this database.
    #[must_use]
    pub const fn config(&self) -> &StoreConfig {
        &self.config
    }
}

impl Drop for Scratch {
    /// Dropping cannot wait, so a thread with a runtime of its own does it.
    fn drop(&mut self) {
        let url = self.config.database_url.clone();
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            match runtime.map(|runtime| runtime.block_on(drop_database(&url))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a scratch database was left behind"),
                Err(error) => tracing::warn!(%error, "a scratch database was left behind"),
            }
        });
        if dropping.join().is_err() {
            tracing::warn!("a scratch database was left behind");
        }
    }
}

/// The URL of another database on the same server.
fn beside(url: &SecretString, database: &str) -> Result<SecretString, StoreError> {
    let mut url = Url::parse(url.expose_secret()).map_err(|error| StoreError::Config {
        variable: "DD_DATABASE_URL",
        problem: error.to_string(),
    })?;
    url.set_path(database);
    Ok(SecretString::from(String::from(url)))
}

fn random_key() -> Result<SecretString, StoreError> {
    let mut key = [0; 32];
    SystemRandom::new()
        .fill(&mut key)
        .map_err(|_| StoreError::Config {
            variable: "DD_CREDENTIAL_AES_256_KEY",
            problem: "the system gives no random numbers to make one of".to_owned(),
        })?;
    Ok(SecretString::from(base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        key,
    )))
}
