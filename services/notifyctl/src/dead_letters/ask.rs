//! Questions to whoever sits at the terminal.

use std::io::{self, IsTerminal, Write};

use anyhow::Context;

/// Whether there is somebody to ask.
pub(super) fn is_anybody_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question; everything but yes means no.
pub(super) async fn agreed(question: String) -> anyhow::Result<bool> {
    let asking = tokio::task::spawn_blocking(move || -> io::Result<bool> {
        eprint!("{question} [y/N] ");
        io::stderr().flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(is_yes(&answer))
    });
    asking.await?.context("cannot ask on this terminal")
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes(" Yes\r\n"));
        assert!(!is_yes("") && !is_yes("\n") && !is_yes("n") && !is_yes("yeah"));
    }
}
