//! The operator's files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use messages::Templates;

/// What tells that a file changed: modification time, size, and which file it is, since
/// Kubernetes puts another in its place.
type Stamp = (i64, i64, u64, u64);

/// The folder, and what was last read in it.
#[derive(Clone)]
pub(super) struct TemplateFolder {
    path: PathBuf,
    stamps: BTreeMap<String, Stamp>,
    /// The last source of each file that could be used.
    good: BTreeMap<String, String>,
    /// What is wrong with files that cannot be used.
    broken: Vec<String>,
}

impl TemplateFolder {
    /// Reads the folder for the first time.
    ///
    /// # Errors
    /// If it cannot be read, or one of its files cannot be used: somebody looks on at a start.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let mut folder = Self {
            path: path.to_owned(),
            stamps: BTreeMap::new(),
            good: BTreeMap::new(),
            broken: Vec::new(),
        };
        let reading = folder.stamps_now().and_then(|stamps| folder.read(stamps));
        reading.with_context(|| {
            let path = path.display();
            format!("DD_TEMPLATE_DIR names {path}, which cannot be read as a folder")
        })?;
        if let Some(broken) = folder.broken.first() {
            bail!("DD_TEMPLATE_DIR, {}: {broken}", path.display());
        }
        Ok(folder)
    }

    /// Reads the folder if a file in it changed, came or went. Says whether one did.
    pub(super) fn look(&mut self) -> anyhow::Result<bool> {
        let stamps = self.stamps_now()?;
        if stamps == self.stamps {
            return Ok(false);
        }
        self.read(stamps).map(|()| true)
    }

    /// The files that can be used, or whose last version could.
    pub(super) const fn good(&self) -> &BTreeMap<String, String> {
        &self.good
    }

    /// How many files there are.
    pub(super) fn len(&self) -> usize {
        self.stamps.len()
    }

    /// What is wrong with files that cannot be used.
    pub(super) fn broken(&self) -> &[String] {
        &self.broken
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
    fn read(&mut self, stamps: BTreeMap<String, Stamp>) -> anyhow::Result<()> {
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
                        good.insert(file.clone(), source);
                    }
                }
            }
        }
        (self.stamps, self.good, self.broken) = (stamps, good, broken);
        Ok(())
    }
}
