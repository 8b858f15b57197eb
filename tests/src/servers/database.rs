//! A private PostgreSQL.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::process::Command;

use super::{account::Account, folder::Folder, guard::Guard, packages, ports};

/// Oldest PostgreSQL supported.
pub(super) const OLDEST: u32 = 15;

/// Name of the server's program in its folder.
const SERVER: &str = "postgres";

/// How long a start may take, on a machine busy with compiling too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A PostgreSQL of its own port, password and data folder; dropping it removes it.
#[derive(Debug)]
pub struct PrivateDatabase {
    guard: Guard,
    url: String,
}

impl PrivateDatabase {
    /// Starts one, installing Debian's `postgresql` where it is missing.
    ///
    /// # Errors
    /// When the package cannot be installed or the server does not start; the message has its log's last lines.
    pub async fn start() -> Result<Self> {
        let programs = programs().await?;
        let account = Account::of("postgres")?;
        let password = uuid::Uuid::new_v4().simple().to_string();
        let folder = Folder::create("database", &account)?;
        let port = ports::free()?;
        folder.write("password", &password, &account)?;
        folder.write("initdb", &initdb(&programs, folder.path()), &account)?;
        folder.write(SERVER, &server(&programs, folder.path(), port), &account)?;
        // PostgreSQL's "immediate" shutdown; unlike SIGKILL it takes its shared memory along.
        let mut guard = Guard::over(folder, &account, &[], "QUIT")?;
        guard
            .run("initdb")
            .await
            .context("a private PostgreSQL could not be made")?;
        launch(&mut guard).await?;
        Ok(Self {
            guard,
            url: format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres"),
        })
    }

    /// URL of its maintenance database, with the superuser's name and password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.guard.process_id(SERVER)
    }

    /// The folder with its data and log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.guard.folder()
    }

    /// Shuts it down in an orderly way; sessions are cut off, data stays for [`PrivateDatabase::restart`].
    ///
    /// # Errors
    /// When its guard is gone.
    pub async fn stop(&mut self) -> Result<()> {
        // PostgreSQL's "fast" shutdown.
        self.guard.end(SERVER, "INT").await
    }

    /// Kills it with SIGKILL, its sessions' processes too; data stays for [`PrivateDatabase::restart`].
    ///
    /// # Errors
    /// When its guard is gone.
    pub async fn kill(&mut self) -> Result<()> {
        self.guard.end(SERVER, "KILL").await?;
        // A killed PostgreSQL leaves a small block of System V shared memory; its id stands in the pid file.
        let pid_file = fs::read_to_string(self.pid_file()).unwrap_or_default();
        if let Some(id) = pid_file
            .lines()
            .nth(6)
            .and_then(|line| line.split_whitespace().nth(1))
        {
            let removed = Command::new("ipcrm")
                .args(["-m", id])
                .status()
                .await
                .context("cannot run `ipcrm`")?;
            ensure!(
                removed.success(),
                "cannot remove the shared memory {id} that a killed PostgreSQL left"
            );
        }
        Ok(())
    }

    /// Stops it if it runs, and starts it again at the same URL with the same data.
    ///
    /// # Errors
    /// As [`PrivateDatabase::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        launch(&mut self.guard).await
    }

    fn pid_file(&self) -> PathBuf {
        self.guard.folder().join("data/postmaster.pid")
    }
}

async fn launch(guard: &mut Guard) -> Result<()> {
    let pid_file = guard.folder().join("data/postmaster.pid");
    guard.start(SERVER).await?;
    let own_id = guard.process_id(SERVER).unwrap_or_default().to_string();
    // What pg_ctl waits for: our own pid in the first line (a killed server leaves its file) and "ready" in
    // the eighth.
    let ready = async || {
        fs::read_to_string(&pid_file).is_ok_and(|text| {
            let mut lines = text.lines();
            lines.next() == Some(&own_id)
                && lines.nth(6).is_some_and(|status| status.trim() == "ready")
        })
    };
    guard
        .wait_until(ready, PATIENCE)
        .await
        .context("a private PostgreSQL did not start")
}

/// The program that makes the data folder. A password is needed because whoever else is on this machine can
/// reach the port.
fn initdb(programs: &Path, folder: &Path) -> String {
    format!(
        "exec {initdb} --pgdata={folder}/data --username=postgres --auth=scram-sha-256 --pwfile={folder}/password \
         --encoding=UTF8 --locale=C.UTF-8 --no-sync\n",
        initdb = programs.join("initdb").display(),
        folder = folder.display(),
    )
}

/// The program that is the server. Many pools run side by side in tests. Data need outlive only the process, not a
/// loss of power, so nothing waits for the disk.
fn server(programs: &Path, folder: &Path, port: u16) -> String {
    format!(
        "exec {postgres} -D {folder}/data -c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= \
         -c max_connections=400 -c fsync=off -c full_page_writes=off\n",
        postgres = programs.join("postgres").display(),
        folder = folder.display(),
    )
}

/// The folder of the newest PostgreSQL's programs.
async fn programs() -> Result<PathBuf> {
    if let Some(found) = newest() {
        return Ok(found);
    }
    packages::install("postgresql").await?;
    match newest() {
        Some(found) => Ok(found),
        None => {
            bail!("the package postgresql is installed, but it is older than PostgreSQL {OLDEST}")
        }
    }
}

fn newest() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .map(|version| {
            (
                version,
                PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")),
            )
        })
        .filter(|(version, folder)| *version >= OLDEST && folder.join("postgres").exists())
        .max()?;
    Some(newest.1)
}
