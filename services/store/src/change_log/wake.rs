//! Being woken by a change: sooner than the next poll, and no more than that.

use secrecy::SecretString;

use crate::error::StoreError;
use crate::listen::Ear;
use crate::store::Store;

/// The channel that changes notify.
const CHANNEL: &str = "dojo_directory";

/// Notifications of changes. Some may be lost, and a listener may be cut off without noticing:
/// whoever waits for one looks at the log from time to time all the same.
#[derive(Debug)]
pub struct WakeUps(Ear);

impl Store {
    /// Notifications of changes of the directory, over a connection of its own: to the URL's
    /// database, where a pooler that passes none on stands between, else to this store's.
    /// Opens no connection yet.
    ///
    /// # Errors
    /// [`StoreError::Config`] if the URL cannot be read.
    pub fn wake_ups(&self, url: Option<&SecretString>) -> Result<WakeUps, StoreError> {
        Ok(WakeUps(self.ear(CHANNEL, url)?))
    }
}

impl WakeUps {
    /// Waits for the next one. Each connection begins with one, since what was said before it was
    /// lost.
    ///
    /// # Errors
    /// If there is no connection, or it was lost; the next call opens another.
    pub async fn next(&mut self) -> Result<(), StoreError> {
        self.0.next().await.map(|_heard| ())
    }
}
