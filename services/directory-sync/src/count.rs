//! What became of changes, as a metric.

use chassis::metrics::{MetricError, counters};
use prometheus::{IntCounterVec, Registry};
use proto_events::Kind;

/// The label of a change whose kind cannot be read.
const UNKNOWN: &str = "unknown";

/// What can become of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is written.
    Applied,
    /// A newer one of its object was known, or this very one.
    Superseded,
    /// What its object hangs below was deleted.
    Obsolete,
    /// It waits for something that may still come.
    Waiting,
    /// It lies in the dead letters.
    Dead,
}

impl Outcome {
    const ALL: [Self; 5] = [
        Self::Applied,
        Self::Superseded,
        Self::Obsolete,
        Self::Waiting,
        Self::Dead,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Superseded => "superseded",
            Self::Obsolete => "obsolete",
            Self::Waiting => "waiting",
            Self::Dead => "dead",
        }
    }
}

/// `dojo_notify_directory_changes_total{kind,outcome}`
#[derive(Clone, Debug)]
pub(crate) struct Count(IntCounterVec);

impl Count {
    /// The family, every label set at 0.
    pub(crate) fn new(registry: &Registry) -> Result<Self, MetricError> {
        let family = counters(
            registry,
            "directory_changes_total",
            "Changes of the directory taken, by the kind of object and what became of them.",
            &["kind", "outcome"],
        )?;
        for outcome in Outcome::ALL {
            for kind in Kind::ALL {
                let labels = [kind.as_str(), outcome.as_str()];
                family.with_label_values(&labels).inc_by(0);
            }
        }
        let labels = [UNKNOWN, Outcome::Dead.as_str()];
        family.with_label_values(&labels).inc_by(0);
        Ok(Self(family))
    }

    /// Counts one change; none is one whose kind cannot be read.
    pub(crate) fn add(&self, kind: Option<Kind>, outcome: Outcome) {
        let kind = kind.map_or(UNKNOWN, Kind::as_str);
        self.0.with_label_values(&[kind, outcome.as_str()]).inc();
    }
}
