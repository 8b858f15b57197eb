//! What a run came to, and what it passed over.

use std::collections::BTreeMap;
use std::fmt;

/// Why an object is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Skip {
    /// The engagement ends before it begins: one of the dates is wrong, and nobody knows which.
    EndBeforeStart,
    /// Nobody leads the engagement.
    NoLead,
    /// The engagement's lead is inactive or gone.
    LeadGone,
    /// The risk acceptance has neither an engagement nor a finding in sight.
    NoEngagement,
    /// The finding has a severity that this release does not know.
    UnknownSeverity,
    /// The broker takes no message like this one.
    Refused,
}

impl Skip {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::EndBeforeStart,
        Self::NoLead,
        Self::LeadGone,
        Self::NoEngagement,
        Self::UnknownSeverity,
        Self::Refused,
    ];

    /// The word in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndBeforeStart => "end_before_start",
            Self::NoLead => "no_lead",
            Self::LeadGone => "lead_gone",
            Self::NoEngagement => "no_engagement",
            Self::UnknownSeverity => "unknown_severity",
            Self::Refused => "refused",
        }
    }

    /// What is wrong and what to do, for people.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::EndBeforeStart => "it ends before it begins; correct its dates in DefectDojo",
            Self::NoLead => "nobody leads it, so nobody is told; give it a lead in DefectDojo",
            Self::LeadGone => {
                "its lead is inactive or gone, so nobody is told; give it another lead in DefectDojo"
            }
            Self::NoEngagement => {
                "it has neither an engagement nor a finding that is known, so nobody can be told"
            }
            Self::UnknownSeverity => {
                "its severity is none of Critical, High, Medium, Low; is this release older than the data?"
            }
            Self::Refused => "the broker takes no message like the one about it",
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Notices that were told.
    pub told: u64,
    /// Notices that had been told before.
    pub known: u64,
    /// Objects that were passed over.
    pub skipped: BTreeMap<Skip, u64>,
    /// Rows that were removed or changed, by table.
    pub cleaned: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Counts an object that is passed over, and says so in the log.
    pub fn skip(&mut self, what: &str, id: i64, why: Skip) {
        tracing::info!(object = %format_args!("{what}/{id}"), reason = why.as_str(), "passed over: {}", why.advice());
        self.count_skipped(why, 1);
    }

    /// Counts objects that are passed over.
    pub fn count_skipped(&mut self, why: Skip, number: u64) {
        *self.skipped.entry(why).or_default() += number;
    }

    /// Counts rows that were removed or changed.
    pub fn clean(&mut self, table: &'static str, rows: u64) {
        *self.cleaned.entry(table).or_default() += rows;
    }
}
