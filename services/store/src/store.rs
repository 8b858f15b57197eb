//! The handle that services hold.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgPool};

use crate::config::StoreConfig;
use crate::error::StoreError;
use crate::vault::Vault;

/// How long a call waits for a connection before it says that there is none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that was used so lately is not asked for a sign of life before it is used again:
/// that would be a round trip more for every statement.
const LIVELY: Duration = Duration::from_secs(1);

/// What every connection asks of the server: to end a statement that hangs, and to find
/// out within about a minute that we are gone, so that our locks are free again.
const SESSION: [(&str, &str); 4] = [
    ("statement_timeout", "30s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
];

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
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > LIVELY {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
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

/// Reads a database URL. What it says of a session itself (`?options[name]=value`) counts.
///
/// # Errors
/// [`StoreError::Config`]; the message does not repeat the URL, which may hold a password.
pub(crate) fn connect_options(url: &SecretString) -> Result<PgConnectOptions, StoreError> {
    let options =
        PgConnectOptions::from_str(url.expose_secret()).map_err(|error| StoreError::Config {
            variable: "DD_DATABASE_URL",
            problem: format!("{error}; write postgres://user:password@host:port/database"),
        })?;
    let own = options.get_options().unwrap_or_default().to_owned();
    let missing = SESSION.into_iter().filter(|(name, _)| !own.contains(name));
    Ok(options.options(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(url: &str) -> Result<String, StoreError> {
        let options = connect_options(&SecretString::from(url))?;
        Ok(options.get_options().unwrap_or_default().to_owned())
    }

    #[test]
    fn a_session_has_a_deadline_and_keepalives_unless_the_url_says_otherwise()
    -> Result<(), StoreError> {
        let ours = session("postgres://host/dojo")?;
        assert!(ours.contains("-c statement_timeout=30s -c tcp_keepalives_idle=30"));
        let theirs = session("postgres://host/dojo?options[statement_timeout]=5min")?;
        assert!(theirs.contains("-c statement_timeout=5min -c tcp_keepalives_idle=30"));
        assert!(!theirs.contains("30s"));
        Ok(())
    }
}
