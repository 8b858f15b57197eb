//! Takes changed templates into use while a sender runs.

use std::sync::Arc;
use std::time::Duration;

use chassis::Runtime;
use chassis::metrics::{MetricError, gauges};
use messages::Templates;
use prometheus::{IntGaugeVec, Registry};
use store::{Store, StoredTemplate};
use tokio::sync::watch;

use super::{InForce, Shelf};

/// How often it is looked whether a template changed, and how long a look at the database may take.
const INTERVAL: Duration = Duration::from_secs(2);

/// Reads what is stored, and then whatever changes until the service stops. Once this returns, what
/// is stored is in force, if the database is there.
///
/// # Errors
/// If a metric cannot be registered.
pub(crate) async fn follow(
    shelf: Shelf,
    templates: watch::Sender<Arc<Templates>>,
    store: Store,
    runtime: &Runtime,
) -> anyhow::Result<()> {
    let mut follower = Follower {
        figures: Figures::new(&runtime.metrics.registry)?,
        shelf,
        templates,
        store,
        is_folder_lost: false,
        is_store_lost: false,
    };
    follower.figures.show(&follower.shelf, 0);
    follower.look().await?;
    let stop = runtime.stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = follower.look().await {
                let error = format!("{error:#}");
                tracing::error!(
                    error,
                    "templates are not read any more until the service is started anew"
                );
                return;
            }
        }
    });
    Ok(())
}

/// What is followed, and who is told.
struct Follower {
    shelf: Shelf,
    templates: watch::Sender<Arc<Templates>>,
    store: Store,
    figures: Figures,
    /// Whether it was said that the folder cannot be read.
    is_folder_lost: bool,
    /// Whether it was said that the database cannot be read.
    is_store_lost: bool,
}

impl Follower {
    /// Looks whether something changed.
    ///
    /// # Errors
    /// If templates that were tried cannot be put together: a fault of ours.
    async fn look(&mut self) -> anyhow::Result<()> {
        let stored = self.stored().await;
        let mut shelf = self.shelf.clone();
        // Reading files and trying templates may take a moment.
        let looking = tokio::task::spawn_blocking(move || {
            let folder = shelf.folder.as_mut().map(super::TemplateFolder::look);
            let folder = folder.transpose();
            let has_news = matches!(folder, Ok(Some(true))) || stored.is_some();
            shelf.stored = stored.unwrap_or(shelf.stored);
            let made = has_news.then(|| shelf.in_force()).transpose();
            (shelf, folder, made)
        });
        let (shelf, folder, made) = looking.await?;
        self.shelf = shelf;
        match folder {
            Ok(changed) => {
                self.is_folder_lost = false;
                self.tell_files(changed == Some(true));
            }
            Err(error) if !self.is_folder_lost => {
                self.is_folder_lost = true;
                let error = format!("{error:#}");
                tracing::error!(
                    error,
                    "DD_TEMPLATE_DIR cannot be read; the templates stay as they were"
                );
            }
            Err(_) => {}
        }
        if let Some(InForce {
            templates, broken, ..
        }) = made?
        {
            for problem in broken.values() {
                tracing::error!(
                    problem,
                    "a template that somebody wrote cannot be used; the one built in is in force"
                );
            }
            self.figures.show(&self.shelf, broken.len());
            self.templates.send_replace(Arc::new(templates));
        }
        Ok(())
    }

    /// What is stored, if that is news.
    async fn stored(&mut self) -> Option<Vec<StoredTemplate>> {
        let looking = tokio::time::timeout(INTERVAL, self.store.stored_templates()).await;
        let error = match looking {
            Ok(Ok(stored)) => {
                self.is_store_lost = false;
                return Some(stored).filter(|stored| *stored != self.shelf.stored);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the database does not answer in time".to_owned(),
        };
        if !self.is_store_lost {
            self.is_store_lost = true;
            tracing::warn!(
                error,
                "templates that people wrote cannot be read; they stay as they were"
            );
        }
        None
    }

    fn tell_files(&self, changed: bool) {
        let Some(folder) = self.shelf.folder.as_ref().filter(|_| changed) else {
            return;
        };
        for problem in folder.broken() {
            tracing::error!(
                problem,
                "the last good version of the template stays in force"
            );
        }
        tracing::info!(
            files = folder.len(),
            broken = folder.broken().len(),
            "templates were read anew"
        );
    }
}

/// What is counted.
struct Figures {
    files: IntGaugeVec,
    stored: IntGaugeVec,
}

impl Figures {
    fn new(registry: &Registry) -> Result<Self, MetricError> {
        Ok(Self {
            files: gauges(
                registry,
                "template_files",
                "Files of DD_TEMPLATE_DIR, by whether they are used; of a broken one the last good version is.",
                &["state"],
            )?,
            stored: gauges(
                registry,
                "templates_stored",
                "Templates that people wrote, by whether they can be used; for a broken one the built-in is.",
                &["state"],
            )?,
        })
    }

    fn show(&self, shelf: &Shelf, broken_stored: usize) {
        let folder = shelf.folder.as_ref();
        let (files, broken) = folder.map_or((0, 0), |it| (it.len(), it.broken().len()));
        for (family, all, broken) in [
            (&self.files, files, broken),
            (&self.stored, shelf.stored.len(), broken_stored),
        ] {
            for (state, count) in [("used", all - broken), ("broken", broken)] {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                family.with_label_values(&[state]).set(count);
            }
        }
    }
}
