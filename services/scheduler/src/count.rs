//! What runs came to, as metrics.

use chassis::metrics::{MetricError, counters, gauges};
use chrono::{DateTime, Utc};
use prometheus::{IntCounterVec, IntGaugeVec, Registry};
use schedule::{Job, Report, Skip};
use store::scheduling::retention::Outdated;

/// The metrics of the jobs.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    active: IntGaugeVec,
    runs: IntCounterVec,
    notices: IntCounterVec,
    skipped: IntGaugeVec,
    cleaned: IntCounterVec,
    last: IntGaugeVec,
    next: IntGaugeVec,
}

impl Count {
    /// The families, every label set at 0.
    pub(crate) fn new(registry: &Registry) -> Result<Self, MetricError> {
        let count = Self {
            active: gauges(
                registry,
                "scheduler_active",
                "1 on the replica that acts.",
                &[],
            )?,
            runs: counters(
                registry,
                "schedule_runs_total",
                "Runs of jobs, by what came of them.",
                &["task", "result"],
            )?,
            notices: counters(
                registry,
                "schedule_notices_total",
                "Notices that were told: confirmed by the broker.",
                &["task"],
            )?,
            skipped: gauges(
                registry,
                "schedule_skipped",
                "Objects that the last run of a job passed over, by the reason.",
                &["task", "reason"],
            )?,
            cleaned: counters(
                registry,
                "schedule_cleaned_rows_total",
                "Rows that were removed, or brought up to date, by table.",
                &["task", "table"],
            )?,
            last: gauges(
                registry,
                "schedule_last_success_timestamp_seconds",
                "When a job last ran to its end on this replica; 0: never.",
                &["task"],
            )?,
            next: gauges(
                registry,
                "schedule_next_run_timestamp_seconds",
                "When a job is due next, as its schedule says.",
                &["task"],
            )?,
        };
        count.act(false);
        for job in Job::ALL.map(Job::as_str) {
            for result in ["done", "failed"] {
                count.runs.with_label_values(&[job, result]).inc_by(0);
            }
            for skip in Skip::ALL {
                count
                    .skipped
                    .with_label_values(&[job, skip.as_str()])
                    .set(0);
            }
            count.notices.with_label_values(&[job]).inc_by(0);
            count.last.with_label_values(&[job]).set(0);
            count.next.with_label_values(&[job]).set(0);
        }
        let tables = Outdated::default().by_table();
        let cleaned = [
            (Job::WebhookStates, "notification_webhooks"),
            (Job::TrimAlerts, "alerts"),
        ]
        .into_iter()
        .chain(tables.map(|(table, _)| (Job::Retention, table)));
        for (job, table) in cleaned {
            let labels = [job.as_str(), table];
            count.cleaned.with_label_values(&labels).inc_by(0);
        }
        Ok(count)
    }

    /// Whether this replica acts.
    pub(crate) fn act(&self, acts: bool) {
        let none: [&str; 0] = [];
        self.active.with_label_values(&none).set(acts.into());
    }

    /// A run that came to its end.
    pub(crate) fn done(&self, job: Job, report: &Report, now: DateTime<Utc>) {
        let job = job.as_str();
        self.runs.with_label_values(&[job, "done"]).inc();
        self.notices.with_label_values(&[job]).inc_by(report.told);
        self.last.with_label_values(&[job]).set(now.timestamp());
        for skip in Skip::ALL {
            let number = report.skipped.get(&skip).copied().unwrap_or_default();
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            let gauge = self.skipped.with_label_values(&[job, skip.as_str()]);
            gauge.set(number);
        }
        for (table, rows) in &report.cleaned {
            self.cleaned.with_label_values(&[job, *table]).inc_by(*rows);
        }
    }

    /// A run that failed.
    pub(crate) fn failed(&self, job: Job) {
        let labels = [job.as_str(), "failed"];
        self.runs.with_label_values(&labels).inc();
    }

    /// When a job is due next.
    pub(crate) fn next(&self, job: Job, time: DateTime<Utc>) {
        let gauge = self.next.with_label_values(&[job.as_str()]);
        gauge.set(time.timestamp());
    }
}
