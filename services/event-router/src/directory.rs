//! The directory in memory, never older than a second.

use std::sync::Arc;
use std::time::Duration;

use chassis::health::Part;
use rules::Directory;
use store::{Store, StoreError};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often the change log is looked at.
const POLL: Duration = Duration::from_millis(250);

/// An event is decided only with a directory verified within this time.
const FRESH: Duration = Duration::from_secs(1);

/// How long a look at the change log may take.
const POLL_TIMEOUT: Duration = Duration::from_millis(500);

/// How long reading the whole directory may take.
const LOAD_TIMEOUT: Duration = Duration::from_secs(30);

/// A directory, and when it was last known to be what the store holds.
#[derive(Clone)]
struct Verified {
    directory: Arc<Directory>,
    at: Instant,
}

/// The current directory, kept by a task of its own.
pub(crate) struct Current {
    verified: watch::Receiver<Option<Verified>>,
    part: Part,
}

impl Current {
    /// Starts keeping the directory in step with the store.
    pub(crate) fn keep(store: Store, part: Part, stop: CancellationToken) -> Self {
        let (announce, verified) = watch::channel(None);
        let keeper = keep(store, part.clone(), announce);
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = keeper => {}
            }
        });
        Self { verified, part }
    }

    /// The directory once it is fresh; None if the service stops before.
    pub(crate) async fn fresh(&self) -> Option<Arc<Directory>> {
        let mut verified = self.verified.clone();
        let is_fresh = |current: &Option<Verified>| {
            current
                .as_ref()
                .is_some_and(|current| current.at.elapsed() < FRESH)
        };
        if !is_fresh(&verified.borrow()) {
            self.part
                .down("the directory could not be verified within the last second; events wait");
        }
        let current = verified.wait_for(is_fresh).await.ok()?.clone()?;
        Some(current.directory)
    }
}

async fn keep(store: Store, part: Part, announce: watch::Sender<Option<Verified>>) {
    let mut ticks = tokio::time::interval(POLL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut known: Option<Arc<Directory>> = None;
    loop {
        ticks.tick().await;
        let at = Instant::now();
        match verify(&store, known.clone()).await {
            Ok(directory) => {
                known = Some(Arc::clone(&directory));
                announce.send_replace(Some(Verified { directory, at }));
                part.up();
            }
            Err(problem) => part.down(problem),
        }
    }
}

/// The known directory if the store has not changed since, else a new one.
async fn verify(store: &Store, known: Option<Arc<Directory>>) -> Result<Arc<Directory>, String> {
    if let Some(known) = known {
        let version = tokio::time::timeout(POLL_TIMEOUT, store.directory_version())
            .await
            .map_err(|_| {
                format!(
                    "no answer about the directory within {} ms",
                    POLL_TIMEOUT.as_millis()
                )
            })?
            .map_err(|error| error.to_string())?;
        if version == known.version() {
            return Ok(known);
        }
    }
    match tokio::time::timeout(LOAD_TIMEOUT, load(store)).await {
        Ok(loaded) => loaded.map_err(|error| error.to_string()),
        Err(_) => Err(format!(
            "the directory was not read within {} s",
            LOAD_TIMEOUT.as_secs()
        )),
    }
}

async fn load(store: &Store) -> Result<Arc<Directory>, StoreError> {
    let directory = Directory::new(store.load_directory().await?);
    tracing::debug!(version = directory.version(), "directory loaded");
    Ok(Arc::new(directory))
}
