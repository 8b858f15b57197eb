//! Being woken by a change: sooner than the next poll, and no more than that.

use secrecy::SecretString;
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::error::StoreError;
use crate::store::{Store, connect_options};

/// The channel that changes notify.
const CHANNEL: &str = "dojo_directory";

/// Notifications of changes. Some may be lost, and a listener may be cut off without noticing:
/// whoever waits for one looks at the log from time to time all the same.
#[derive(Debug)]
pub struct WakeUps {
    pool: PgPool,
    listener: Option<PgListener>,
}

impl Store {
    /// Notifications of changes of the directory, over a connection of its own: to the URL's
    /// database, where a pooler that passes none on stands between, else to this store's.
    /// Opens no connection yet.
    ///
    /// # Errors
    /// [`StoreError::Config`] if the URL cannot be read.
    pub fn wake_ups(&self, url: Option<&SecretString>) -> Result<WakeUps, StoreError> {
        let options = match url {
            Some(url) => connect_options(url)?,
            None => self.pool.connect_options().as_ref().clone(),
        };
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(options);
        Ok(WakeUps {
            pool,
            listener: None,
        })
    }
}

impl WakeUps {
    /// Waits for the next one.
    ///
    /// # Errors
    /// If there is no connection, or it was lost; the next call opens another.
    pub async fn next(&mut self) -> Result<(), StoreError> {
        let mut listener = match self.listener.take() {
            Some(listener) => listener,
            None => {
                let mut listener = PgListener::connect_with(&self.pool).await?;
                listener.listen(CHANNEL).await?;
                listener
            }
        };
        // None: the connection was lost and notifications with it, which is reason to look.
        listener.try_recv().await?;
        self.listener = Some(listener);
        Ok(())
    }
}
