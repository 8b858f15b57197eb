//! One program as a process, which never outlives this one.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// How many lines of a log an error shows.
const TAIL: usize = 12;

/// Starts a program with these variables and no others; what it says goes to a file.
pub(super) fn spawn<N: AsRef<OsStr>, V: AsRef<OsStr>>(
    program: &Path,
    log: &Path,
    environment: impl IntoIterator<Item = (N, V)>,
) -> anyhow::Result<Child> {
    let log = File::options().create(true).append(true).open(log)?;
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C at the terminal is for this process, which then stops the others in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| {
            format!(
                "cannot start {}; is setpriv, which is part of util-linux, there?",
                program.display()
            )
        })
}

/// Sends SIGTERM to a process that has not been waited for.
pub(super) fn terminate(child: &Child) -> anyhow::Result<()> {
    let Some(id) = child.id() else { return Ok(()) };
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
    let pid = pid.with_context(|| format!("{id} is no process id"))?;
    Ok(kill_process(pid, Signal::TERM)?)
}

/// The end of a log, for an error.
pub(super) fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log)
        .unwrap_or_else(|error| format!("(its log cannot be read: {error})"));
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(TAIL)..];
    format!("the end of {}:\n{}", log.display(), last.join("\n"))
}

/// The folder of the programs: beside this one; a test's is one level deeper.
pub(super) fn programs<'p>(names: impl IntoIterator<Item = &'p str>) -> anyhow::Result<PathBuf> {
    let current = std::env::current_exe().context("cannot find this program's own path")?;
    let folder = current.parent().unwrap_or(Path::new("."));
    let folder = match folder.parent() {
        Some(parent) if folder.ends_with("deps") => parent,
        _ => folder,
    };
    for name in names {
        let program = folder.join(name);
        if !program.is_file() {
            bail!(
                "{} is not there; run `cargo build --workspace --bins` first",
                program.display()
            );
        }
    }
    Ok(folder.to_owned())
}
