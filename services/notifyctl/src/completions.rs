//! `notifyctl completions`.

use std::io::{self, Write};

use anyhow::Context as _;
use clap_complete::Shell;

/// Prints what a shell reads to complete a command's words.
///
/// # Errors
/// If nobody reads it.
pub(crate) fn run(mut command: clap::Command, shell: Shell) -> anyhow::Result<()> {
    // Not to standard output at once, where the crate panics when nobody reads.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "notifyctl", &mut script);
    let mut output = io::stdout().lock();
    let written = output.write_all(&script).and_then(|()| output.flush());
    written.context("cannot write to standard output")
}
