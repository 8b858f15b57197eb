//! What came of a check.

/// A check, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// What was checked.
    pub(super) check: &'static str,
    /// What came of it.
    pub(super) verdict: Verdict,
}

/// How something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As it should.
    Well(String),
    /// Nobody can say, and why.
    Skipped(String),
    /// Not as it should.
    Wrong {
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },
}

impl Verdict {
    pub(super) fn well(what: impl Into<String>) -> Self {
        Self::Well(what.into())
    }

    pub(super) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped(why.into())
    }

    pub(super) fn wrong(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Wrong {
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub(super) const fn of(self, check: &'static str) -> Finding {
        Finding {
            check,
            verdict: self,
        }
    }
}
