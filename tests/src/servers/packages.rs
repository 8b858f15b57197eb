//! Debian's packages for what is missing.

use std::{path::Path, process::Stdio};

use anyhow::{Context as _, Result, ensure};
use tokio::{process::Command, sync::Mutex};

const INSTALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/servers/install.sh");

/// Installs `package` (as root, or through sudo) when `program` is missing.
pub(super) async fn require(program: &Path, package: &str) -> Result<()> {
    if program.exists() {
        return Ok(());
    }
    install(package).await?;
    ensure!(
        program.exists(),
        "the package {package} is installed, but {} is missing",
        program.display()
    );
    Ok(())
}

/// Held while packages are installed: broker and database are looked for at the same time, and dpkg serves one.
static INSTALLING: Mutex<()> = Mutex::const_new(());

/// Installs `package`.
pub(super) async fn install(package: &str) -> Result<()> {
    let _alone = INSTALLING.lock().await;
    eprintln!("installing the package {package} with apt-get, its service not started");
    let status = Command::new("sh")
        .args([INSTALL, package])
        // What apt-get tells is progress, not the output of the command that is run later.
        .stdout(Stdio::from(std::io::stderr()))
        .status()
        .await
        .context("cannot run `sh` to install packages")?;
    ensure!(
        status.success(),
        "cannot install the package {package}: install it by hand, then try again"
    );
    Ok(())
}
