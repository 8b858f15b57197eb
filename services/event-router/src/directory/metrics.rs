//! The directory's metrics.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chassis::metrics::{MetricError, counters};
use prometheus::{Gauge, IntCounterVec, Registry};

/// How looks at the store end.
const RESULTS: [&str; 4] = ["unchanged", "delta", "load", "failed"];

/// What is measured of the directory.
pub(super) struct Metrics {
    looks: IntCounterVec,
    verified: Gauge,
    load: Gauge,
}

impl Metrics {
    pub(super) fn new(registry: &Registry) -> Result<Self, MetricError> {
        let looks = counters(
            registry,
            "directory_looks_total",
            "Looks at the change log, by what came of them.",
            &["result"],
        )?;
        for result in RESULTS {
            looks.with_label_values(&[result]).inc_by(0);
        }
        let gauge = |name: &str, help: &str| -> Result<Gauge, MetricError> {
            let gauge = Gauge::new(format!("dojo_notify_{name}"), help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        Ok(Self {
            looks,
            verified: gauge(
                "directory_verified_timestamp_seconds",
                "When the directory was last known to be what the database holds; events wait once that is more than a second ago.",
            )?,
            load: gauge(
                "directory_load_seconds",
                "How long it took to read the directory whole, the last time.",
            )?,
        })
    }

    pub(super) fn count(&self, result: &str) {
        self.looks.with_label_values(&[result]).inc();
    }

    pub(super) fn verified(&self) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        self.verified.set(since.unwrap_or_default().as_secs_f64());
    }

    pub(super) fn loaded(&self, took: Duration) {
        self.count("load");
        self.load.set(took.as_secs_f64());
    }
}
