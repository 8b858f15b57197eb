//! Where private servers keep their data: `/var/tmp/dojo-notify-$UID/<run>`.

use std::{
    fs::{self, DirBuilder},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use super::account::{Account, effective_user};

/// A server's own folder; removed on drop unless handed over.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes an empty folder that only `account` can read; its name starts with `kind`.
    pub(super) fn create(kind: &str, account: &Account) -> Result<Self> {
        let user = effective_user()?;
        let parent = PathBuf::from(format!("/var/tmp/dojo-notify-{user}"));
        let run = uuid::Uuid::new_v4().simple().to_string();
        let path = parent.join(format!("{kind}-{}", &run[..8]));
        loop {
            // Others may only pass through: the servers' accounts must reach their folders.
            match DirBuilder::new().mode(0o711).create(&parent) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(error).with_context(|| format!("cannot make {}", parent.display()));
                }
                _ => {}
            }
            // Anybody may write to /var/tmp, so somebody may have been there first.
            match fs::symlink_metadata(&parent) {
                Ok(found) => ensure!(
                    found.is_dir() && found.uid() == user,
                    "{} is not a folder of this user: remove it",
                    parent.display()
                ),
                Err(_) => continue,
            }
            match DirBuilder::new().mode(0o700).create(&path) {
                // The guard of another server removed the parent, empty at that moment.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                made => {
                    made.with_context(|| format!("cannot make {}", path.display()))?;
                    break;
                }
            }
        }
        account.own(&path)?;
        Ok(Self(path))
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file that only `account` can read.
    pub(super) fn write(&self, name: &str, text: &str, account: &Account) -> Result<PathBuf> {
        let path = self.0.join(name);
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        account.own(&path)?;
        Ok(path)
    }

    /// Leaves the removal to somebody else.
    pub(super) fn hand_over(mut self) -> PathBuf {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            // Nothing more can be done about a folder that resists; the operating system clears /var/tmp.
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
