//! The guard: one small shell process per private server, which outlives its owner just long enough
//! to clear up.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::{account::Account, folder::Folder};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/servers/guard.sh");

/// What the programs' environment has in any case.
pub(super) const ENVIRONMENT: [(&str, &str); 2] = [
    (
        "PATH",
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ),
    ("LANG", "C.UTF-8"),
];

/// How long a drop waits for the guard to end the server and remove its folder.
const CLEARING_UP: Duration = Duration::from_secs(10);

/// Programs under guard with their folder; dropping it ends the former and removes the latter.
///
/// The guard, not this process, is the programs' parent: a parent-death signal follows the *thread* that
/// started a program, and threads of an async runtime come and go.
#[derive(Debug)]
pub(super) struct Guard {
    folder: PathBuf,
    process: Child,
    /// `None` once the guard was told to clear up.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// What was started and not ended, with its process id.
    started: Vec<(&'static str, u32)>,
}

impl Guard {
    /// Puts `folder` under guard. Its scripts become programs; when it is dropped, what was started is ended
    /// with `last_signal`.
    pub(super) fn over(
        folder: Folder,
        account: &Account,
        environment: &[(&str, String)],
        last_signal: &str,
    ) -> Result<Self> {
        let mut process = Command::new("sh")
            .arg(SCRIPT)
            .arg(folder.path())
            .arg(last_signal)
            .args(account.prefix())
            .env_clear()
            .envs(ENVIRONMENT)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .current_dir(folder.path())
            // A Ctrl-C at the terminal is for the owner; the guard follows when the owner goes.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start `sh` to guard a private server")?;
        let orders = process.stdin.take();
        let answers = process.stdout.take().context("the guard has no output")?;
        Ok(Self {
            // From here on the guard removes the folder.
            folder: folder.hand_over(),
            process,
            orders,
            answers: BufReader::new(answers),
            started: Vec::new(),
        })
    }

    /// The folder of the programs, their data and their `log`.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs the script `program` of the folder to its end.
    pub(super) async fn run(&mut self, program: &str) -> Result<()> {
        let answer = self.order(&format!("run {program}")).await?;
        ensure!(
            answer == "0",
            "{program} failed; its log ends with\n{}",
            self.log_tail()
        );
        Ok(())
    }

    /// Starts the script `program` of the folder.
    pub(super) async fn start(&mut self, program: &'static str) -> Result<()> {
        let answer = self.order(&format!("start {program}")).await?;
        self.started.push((
            program,
            answer.parse().context("the guard told no process id")?,
        ));
        Ok(())
    }

    /// Ends `program`, if it is what was started last, with `signal`, and waits until it is gone.
    pub(super) async fn end(&mut self, program: &'static str, signal: &str) -> Result<()> {
        if self.started.pop_if(|(last, _)| *last == program).is_some() {
            self.order(&format!("end {signal}")).await?;
        }
        Ok(())
    }

    /// Process id of `program`, if it was started and not ended.
    pub(super) fn process_id(&self, program: &'static str) -> Option<u32> {
        self.started
            .iter()
            .find(|(name, _)| *name == program)
            .map(|(_, id)| *id)
    }

    /// Waits until what was started last is `ready`. A program that ends before, or takes longer than
    /// `patience`, is an error with the last lines of its log.
    pub(super) async fn wait_until(
        &self,
        ready: impl AsyncFn() -> bool,
        patience: Duration,
    ) -> Result<()> {
        let deadline = tokio::time::Instant::now() + patience;
        while !ready().await {
            if !self.is_alive() {
                bail!(
                    "it ended while starting; its log ends with\n{}",
                    self.log_tail()
                );
            }
            if tokio::time::Instant::now() > deadline {
                bail!(
                    "not ready after {} s; its log ends with\n{}",
                    patience.as_secs(),
                    self.log_tail()
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Whether what was started last still runs; a zombie's `exe` cannot be read any more.
    fn is_alive(&self) -> bool {
        self.started
            .last()
            .is_some_and(|(_, id)| fs::read_link(format!("/proc/{id}/exe")).is_ok())
    }

    fn log_tail(&self) -> String {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    async fn order(&mut self, order: &str) -> Result<String> {
        let orders = self
            .orders
            .as_mut()
            .context("the guard was already dismissed")?;
        let mut answer = String::new();
        orders
            .write_all(format!("{order}\n").as_bytes())
            .await
            .context("the guard of a private server is gone")?;
        self.answers
            .read_line(&mut answer)
            .await
            .context("the guard of a private server is gone")?;
        Ok(answer.trim_end().to_owned())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // The end of its input tells the guard to clear up.
        self.orders = None;
        let deadline = std::time::Instant::now() + CLEARING_UP;
        while matches!(self.process.try_wait(), Ok(None)) && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
