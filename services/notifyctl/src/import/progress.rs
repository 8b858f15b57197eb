//! What a run shows while it reads: a bar on a terminal, a line for each list elsewhere. All
//! of it on standard error, so that the report can be kept.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::paging::Position;

/// How far a list is read.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    list: &'static str,
    position: Position,
}

impl Progress {
    /// Begins to show a list.
    pub(super) fn of(list: &'static str) -> Self {
        Self {
            bar: std::io::stderr().is_terminal().then(|| bar(list)),
            list,
            position: Position::default(),
        }
    }

    /// Shows where the list stands.
    pub(super) fn show(&mut self, position: Position) {
        self.position = position;
        if let Some(bar) = &self.bar {
            bar.set_length(position.expected.unwrap_or(0));
            bar.set_position(position.offset);
        }
    }

    /// Ends the bar.
    pub(super) fn end(&self) {
        match &self.bar {
            Some(bar) => bar.finish_and_clear(),
            None if self.position.expected.is_some() => {
                eprintln!("{}: {} read", self.list, self.position.offset);
            }
            None => {}
        }
    }
}

fn bar(list: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg:22} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(list);
    bar
}
