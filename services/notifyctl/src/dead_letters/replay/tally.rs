//! What became of the letters.

use std::fmt;

use crate::dead_letters::tell::counted;

/// What became of a letter.
pub(super) enum Fate {
    Replayed,
    /// Somebody else dealt with it meanwhile.
    Resolved,
    /// Its job has arrived, and is not wanted a second time.
    Unwanted,
    Failed(String),
}

/// How many letters came to which end.
#[derive(Default)]
pub(super) struct Tally {
    replayed: u64,
    resolved: u64,
    unwanted: u64,
    pub(super) failed: u64,
}

impl Tally {
    pub(super) const fn count(&mut self, fate: &Fate) {
        let count = match fate {
            Fate::Replayed => &mut self.replayed,
            Fate::Resolved => &mut self.resolved,
            Fate::Unwanted => &mut self.unwanted,
            Fate::Failed(_) => &mut self.failed,
        };
        *count += 1;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sent again", counted(self.replayed))?;
        for (count, what) in [
            (self.unwanted, "skipped, since they have arrived meanwhile"),
            (
                self.resolved,
                "skipped, since somebody else dealt with them meanwhile",
            ),
            (self.failed, "failed"),
        ] {
            if count > 0 {
                write!(f, "; {count} {what}")?;
            }
        }
        f.write_str(".")
    }
}
