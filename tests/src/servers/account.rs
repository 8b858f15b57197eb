//! The system account under which a private server runs.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};

/// An account for a server: a package's own for root (PostgreSQL refuses to run as root), else the caller's.
#[derive(Debug)]
pub(super) struct Account {
    /// Present when the account is another than the caller's.
    other: Option<Other>,
}

#[derive(Debug)]
struct Other {
    name: &'static str,
    user_id: u32,
    group_id: u32,
}

impl Account {
    /// The account for a server whose package has the account `name`.
    pub(super) fn of(name: &'static str) -> Result<Self> {
        let other = match effective_user()? {
            0 => Some(Other {
                name,
                user_id: id_of(name, "-u")?,
                group_id: id_of(name, "-g")?,
            }),
            _ => None,
        };
        Ok(Self { other })
    }

    /// What to put before a command so that it runs under this account and dies with its parent.
    pub(super) fn prefix(&self) -> Vec<&'static str> {
        let mut prefix = vec!["setpriv", "--pdeathsig", "KILL"];
        if let Some(Other { name, .. }) = self.other {
            prefix.extend(["--reuid", name, "--regid", name, "--init-groups"]);
        }
        prefix.push("--");
        prefix
    }

    /// Gives a file or folder to this account.
    pub(super) fn own(&self, path: &Path) -> Result<()> {
        match &self.other {
            Some(other) => {
                std::os::unix::fs::chown(path, Some(other.user_id), Some(other.group_id))
                    .with_context(|| {
                        format!("cannot give {} to the user {}", path.display(), other.name)
                    })
            }
            None => Ok(()),
        }
    }
}

/// The id of the user as whom this process acts.
pub(super) fn effective_user() -> Result<u32> {
    Ok(fs::metadata("/proc/self")
        .context("cannot read /proc/self")?
        .uid())
}

fn id_of(name: &str, kind: &str) -> Result<u32> {
    let output = Command::new("id")
        .args([kind, name])
        .output()
        .context("cannot run `id`")?;
    ensure!(
        output.status.success(),
        "the user {name}, made by its Debian package, does not exist"
    );
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .with_context(|| format!("`id {kind} {name}` told no number"))
}
