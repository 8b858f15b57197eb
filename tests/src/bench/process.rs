//! What a process costs, as the kernel counts it.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// The kernel counts CPU time in hundredths of a second (`USER_HZ`, proc(5)).
const TICK: Duration = Duration::from_millis(10);

/// A process that runs.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

impl Process {
    /// This one.
    #[must_use]
    pub fn own() -> Self {
        Self(std::process::id())
    }

    /// CPU time of all its threads since it began.
    ///
    /// # Errors
    /// If it has ended.
    pub fn cpu(self) -> Result<Duration> {
        let stat = self.read("stat")?;
        // The name in parentheses may hold anything; the fields after it are numbers.
        let (_, fields) = stat.rsplit_once(')').context("no name in its stat")?;
        let ticks: Vec<u32> = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        Ok(TICK * ticks.iter().sum())
    }

    /// Resident memory in MiB.
    ///
    /// # Errors
    /// If it has ended.
    pub fn resident(self) -> Result<f64> {
        self.memory("VmRSS:")
    }

    /// The most that its resident memory has been, in MiB.
    ///
    /// # Errors
    /// If it has ended.
    pub fn peak(self) -> Result<f64> {
        self.memory("VmHWM:")
    }

    fn memory(self, name: &str) -> Result<f64> {
        let status = self.read("status")?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .with_context(|| format!("no {name} in its status"))?;
        let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }

    fn read(self, file: &str) -> Result<String> {
        let Self(id) = self;
        fs::read_to_string(format!("/proc/{id}/{file}"))
            .with_context(|| format!("process {id} has ended"))
    }
}
