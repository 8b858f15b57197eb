//! The operator's templates (`DD_TEMPLATE_DIR`): read at the start, and again when a file
//! changes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use chassis::Runtime;
use chassis::metrics::gauges;
use messages::Templates;
use tokio::sync::watch;

/// How often it is looked whether a file changed.
const INTERVAL: Duration = Duration::from_secs(2);

/// What tells that a file changed: modification time, size, and which file it is, since
/// Kubernetes puts another in its place.
type Stamp = (i64, i64, u64, u64);

/// The templates in force where this is the operator's folder, as read now.
///
/// # Errors
/// If the folder cannot be read, or one of its files cannot be used.
pub fn in_force(folder: Option<&Path>) -> anyhow::Result<Templates> {
    match folder {
        Some(path) => Ok(TemplateFolder::open(path)?.1),
        None => Ok(Templates::built_in()?),
    }
}

/// The folder, and what was last read in it.
#[derive(Clone)]
pub(crate) struct TemplateFolder {
    path: PathBuf,
    stamps: BTreeMap<String, Stamp>,
    /// The last source of each file that could be used.
    good: BTreeMap<String, String>,
}

/// What a look at the folder gave.
struct Reading {
    templates: Templates,
    /// What is wrong with files that cannot be used.
    broken: Vec<String>,
}

impl TemplateFolder {
    /// Reads the folder for the first time.
    ///
    /// # Errors
    /// If it cannot be read, or one of its files cannot be used: somebody looks on at a start.
    pub(crate) fn open(path: &Path) -> anyhow::Result<(Self, Templates)> {
        let mut folder = Self {
            path: path.to_owned(),
            stamps: BTreeMap::new(),
            good: BTreeMap::new(),
        };
        let reading = folder.stamps_now().and_then(|stamps| folder.read(stamps));
        let reading = reading.with_context(|| {
            let path = path.display();
            format!("DD_TEMPLATE_DIR names {path}, which cannot be read as a folder")
        })?;
        if let Some(broken) = reading.broken.first() {
            bail!("DD_TEMPLATE_DIR, {}: {broken}", path.display());
        }
        Ok((folder, reading.templates))
    }

    /// Reads the folder if a file in it changed, came or went.
    fn look(&mut self) -> anyhow::Result<Option<Reading>> {
        let stamps = self.stamps_now()?;
        if stamps == self.stamps {
            return Ok(None);
        }
        self.read(stamps).map(Some)
    }

    /// The files by their names below the folder. Hidden files are passed over: Kubernetes
    /// keeps what it mounts in folders that begin with two dots. So are editors' backups.
    fn stamps_now(&self) -> anyhow::Result<BTreeMap<String, Stamp>> {
        let mut stamps = BTreeMap::new();
        let mut folders = vec![(self.path.clone(), String::new())];
        while let Some((folder, below)) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with('.') || name.ends_with('~') {
                    continue;
                }
                let found = match fs::metadata(entry.path()) {
                    Ok(found) => found,
                    // It went between the two calls.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error.into()),
                };
                if !found.is_dir() {
                    let stamp = (found.mtime(), found.mtime_nsec(), found.len(), found.ino());
                    stamps.insert(format!("{below}{name}"), stamp);
                } else if below.is_empty() {
                    folders.push((entry.path(), format!("{name}/")));
                }
            }
        }
        Ok(stamps)
    }

    /// Reads every file. Where one cannot be used, its last good source stays in force.
    fn read(&mut self, stamps: BTreeMap<String, Stamp>) -> anyhow::Result<Reading> {
        let mut templates = Templates::built_in()?;
        let (mut broken, mut good) = (Vec::new(), BTreeMap::new());
        for file in stamps.keys() {
            let read = fs::read_to_string(self.path.join(file)).map_err(|error| {
                format!("the template {file} cannot be read: {error}; it must be UTF-8 text")
            });
            let used = read.and_then(|source| {
                let replaced = templates.replace(file, &source);
                replaced.map(|()| source).map_err(|error| error.to_string())
            });
            match used {
                Ok(source) => {
                    good.insert(file.clone(), source);
                }
                Err(problem) => {
                    broken.push(problem);
                    if let Some(source) = self.good.remove(file) {
                        templates.replace(file, &source)?;
                        good.insert(file.clone(), source);
                    }
                }
            }
        }
        (self.stamps, self.good) = (stamps, good);
        Ok(Reading { templates, broken })
    }
}

/// Reads changed templates until the service stops.
///
/// # Errors
/// If the metric cannot be registered.
pub(crate) fn follow(
    folder: Option<TemplateFolder>,
    templates: watch::Sender<Arc<Templates>>,
    runtime: &Runtime,
) -> anyhow::Result<()> {
    let files = gauges(
        &runtime.metrics.registry,
        "template_files",
        "Files of DD_TEMPLATE_DIR, by whether they are used; of a broken one the last good version is.",
        &["state"],
    )?;
    let count = move |used: usize, broken: usize| {
        for (state, count) in [("used", used), ("broken", broken)] {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            files.with_label_values(&[state]).set(count);
        }
    };
    count(0, 0);
    let Some(mut folder) = folder else {
        return Ok(());
    };
    count(folder.stamps.len(), 0);
    let stop = runtime.stop.clone();
    tokio::spawn(async move {
        let mut unreadable = false;
        loop {
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                () = stop.cancelled() => return,
            }
            let looking = tokio::task::spawn_blocking(move || {
                let looked = folder.look();
                (folder, looked)
            });
            let looked;
            (folder, looked) = match looking.await {
                Ok(looked) => looked,
                Err(error) => {
                    tracing::error!(%error, "templates are not read any more until the service is started anew");
                    return;
                }
            };
            match looked {
                Ok(None) => unreadable = false,
                Ok(Some(reading)) => {
                    unreadable = false;
                    tell(&folder, &reading);
                    count(
                        folder.stamps.len() - reading.broken.len(),
                        reading.broken.len(),
                    );
                    templates.send_replace(Arc::new(reading.templates));
                }
                Err(error) if !unreadable => {
                    unreadable = true;
                    tracing::error!(
                        error = format!("{error:#}"),
                        "DD_TEMPLATE_DIR cannot be read; the templates stay as they were"
                    );
                }
                Err(_) => {}
            }
        }
    });
    Ok(())
}

fn tell(folder: &TemplateFolder, reading: &Reading) {
    for problem in &reading.broken {
        tracing::error!(
            problem,
            "the last good version of the template stays in force"
        );
    }
    tracing::info!(
        files = folder.stamps.len(),
        broken = reading.broken.len(),
        "templates were read anew"
    );
}
