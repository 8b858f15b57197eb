//! The directory in memory, never older than a second.
//!
//! | module | what it is for |
//! |---|---|
//! | [`keeper`] | keeps it in step with the store: loads it once, then applies what changes |
//! | [`state`] | how fresh it is, and what the service says of that |
//! | [`metrics`] | the same for Prometheus |

mod keeper;
mod metrics;
mod state;

use std::sync::Arc;
use std::time::Duration;

use chassis::Runtime;
use rules::Directory;
use secrecy::SecretString;
use store::{Store, WakeUps};
use tokio::sync::{Notify, watch};

use keeper::Keeper;
use metrics::Metrics;
use state::State;

/// How long after a lost connection for notifications another is tried; polls go on.
const LISTEN_AGAIN: Duration = Duration::from_secs(5);

/// How long a router may be away and still be told what changed. After that it reads the
/// directory whole.
const LOG_KEPT: Duration = Duration::from_secs(3600);

/// How often the change log is pruned.
const PRUNE: Duration = Duration::from_secs(60);

/// The current directory, kept by tasks of its own.
pub(crate) struct Current {
    state: watch::Receiver<State>,
}

impl Current {
    /// Starts keeping the directory in step with the store. `listen` is where notifications of
    /// changes come from, if not from the store's own database.
    ///
    /// # Errors
    /// If the URL cannot be read, or a metric exists already.
    pub(crate) fn keep(
        store: &Store,
        listen: Option<&SecretString>,
        runtime: &Runtime,
    ) -> anyhow::Result<Self> {
        let (announce, state) = watch::channel(State::default());
        let metrics = Metrics::new(&runtime.metrics.registry)?;
        let wake = Arc::new(Notify::new());
        let keeper = Keeper::new(store.directory_reader(), metrics, announce);
        let stop = &runtime.stop;
        tokio::spawn(stop.clone().run_until_cancelled_owned(state::tell(
            runtime.health.part("directory"),
            state.clone(),
        )));
        tokio::spawn(stop.clone().run_until_cancelled_owned(listen_for_changes(
            store.wake_ups(listen)?,
            Arc::clone(&wake),
        )));
        tokio::spawn(stop.clone().run_until_cancelled_owned(prune(store.clone())));
        tokio::spawn(stop.clone().run_until_cancelled_owned(keeper.run(wake)));
        Ok(Self { state })
    }

    /// The directory once it is fresh; None if the service stops before.
    pub(crate) async fn fresh(&self) -> Option<Arc<Directory>> {
        let mut state = self.state.clone();
        let state = state.wait_for(State::is_fresh).await.ok()?;
        state.directory()
    }
}

async fn listen_for_changes(mut wake_ups: WakeUps, wake: Arc<Notify>) {
    loop {
        match wake_ups.next().await {
            Ok(()) => wake.notify_one(),
            Err(error) => {
                tracing::debug!(%error, "changes of the directory are found by polling alone");
                tokio::time::sleep(LISTEN_AGAIN).await;
            }
        }
    }
}

async fn prune(store: Store) {
    loop {
        match store.prune_change_log(LOG_KEPT).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "change log pruned"),
            Err(error) => tracing::debug!(%error, "the change log is pruned later"),
        }
        tokio::time::sleep(PRUNE).await;
    }
}
