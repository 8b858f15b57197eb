//! Listening to what sessions of the database notify, over a connection of its own.

use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};

use crate::error::StoreError;
use crate::store::{Store, connect_options};

/// A listener to one channel. Notifications may be lost, and it may be cut off without noticing.
#[derive(Debug)]
pub(crate) struct Ear {
    options: PgConnectOptions,
    channel: &'static str,
    listener: Option<PgListener>,
}

/// What an [`Ear`] heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It listens from now on; what was said before was lost.
    Silence,
    /// A notification, with its payload.
    Word(String),
}

impl Store {
    /// Listens to a channel: in the URL's database, where a pooler that passes no notification on
    /// stands between, else in this store's. Opens no connection yet.
    ///
    /// # Errors
    /// [`StoreError::Config`] if the URL cannot be read.
    pub(crate) fn ear(
        &self,
        channel: &'static str,
        url: Option<&SecretString>,
    ) -> Result<Ear, StoreError> {
        Ok(Ear {
            options: match url {
                Some(url) => connect_options(url)?,
                None => self.pool.connect_options().as_ref().clone(),
            },
            channel,
            listener: None,
        })
    }
}

impl Ear {
    /// Waits for the next thing. Whoever does not wait to the end cuts the connection off, and the
    /// next call opens another.
    ///
    /// # Errors
    /// If there is no connection; the next call tries again.
    pub(crate) async fn next(&mut self) -> Result<Heard, StoreError> {
        let Some(mut listener) = self.listener.take() else {
            // A pool of one, for this connection alone: one that is dead but not closed may
            // hold its place for long.
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .connect_lazy_with(self.options.clone());
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(self.channel).await?;
            self.listener = Some(listener);
            return Ok(Heard::Silence);
        };
        // None: the connection was lost, and stands again.
        let heard = listener.try_recv().await?;
        self.listener = Some(listener);
        Ok(heard.map_or(Heard::Silence, |word| {
            Heard::Word(word.payload().to_owned())
        }))
    }
}
