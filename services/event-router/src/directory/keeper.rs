//! Keeps the directory in step with the store: loads it once, then applies what changes.

use std::sync::Arc;
use std::time::Duration;

use rules::Directory;
use store::{DirectoryReader, Moment, News, StoreError};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until};

use super::metrics::Metrics;
use super::state::State;

/// How often the change log is looked at, woken or not.
const POLL: Duration = Duration::from_millis(250);

/// How long it is left alone at least, however often changes wake us.
const REST: Duration = Duration::from_millis(50);

/// Why the directory cannot be kept in step, for now.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the directory could not be indexed: {0}")]
    Index(#[from] JoinError),
}

/// The task's own view: the newest directory, and the moment of the store that it shows.
pub(super) struct Keeper {
    reader: DirectoryReader,
    known: Option<(Arc<Directory>, Moment)>,
    metrics: Metrics,
    announce: watch::Sender<State>,
}

impl Keeper {
    pub(super) fn new(
        reader: DirectoryReader,
        metrics: Metrics,
        announce: watch::Sender<State>,
    ) -> Self {
        Self {
            reader,
            known: None,
            metrics,
            announce,
        }
    }

    /// Looks at the store again and again.
    pub(super) async fn run(mut self, wake: Arc<Notify>) {
        loop {
            // What is found is at least as new as this moment.
            let began = Instant::now();
            match self.look().await {
                Ok(directory) => {
                    self.metrics.verified();
                    self.announce
                        .send_modify(|state| state.verify(directory, began));
                }
                Err(failure) => {
                    self.metrics.count("failed");
                    self.announce
                        .send_modify(|state| state.fail(failure.to_string()));
                }
            }
            sleep(REST).await;
            tokio::select! {
                () = sleep_until(began + POLL) => {}
                () = wake.notified() => {}
            }
        }
    }

    /// The directory as the store holds it now.
    async fn look(&mut self) -> Result<Arc<Directory>, Failure> {
        let Some((directory, moment)) = self.known.clone() else {
            return self.load("the router starts").await;
        };
        let (news, moment) = self.reader.news(&moment).await?;
        let directory = match news {
            News::Unknown(why) => return self.load(why).await,
            News::None if directory.version() == moment.version() => {
                self.metrics.count("unchanged");
                directory
            }
            News::None => {
                self.metrics.count("unchanged");
                Arc::new(directory.at(moment.version()))
            }
            News::Delta(delta) => {
                self.metrics.count("delta");
                // Much may have changed; the threads that decide events are not kept from it.
                Arc::new(spawn_blocking(move || directory.apply(*delta)).await?)
            }
        };
        self.known = Some((Arc::clone(&directory), moment));
        Ok(directory)
    }

    /// Reads the directory whole. What changes meanwhile is found by the next look.
    async fn load(&mut self, why: &str) -> Result<Arc<Directory>, Failure> {
        tracing::info!(why, "the directory is read whole");
        let began = Instant::now();
        self.announce
            .send_modify(|state| state.fail(format!("it is being read whole, since {why}")));
        let (snapshot, moment) = self.reader.load().await?;
        let directory = Arc::new(spawn_blocking(move || Directory::new(snapshot)).await?);
        self.known = Some((Arc::clone(&directory), moment));
        self.metrics.loaded(began.elapsed());
        Ok(directory)
    }
}
