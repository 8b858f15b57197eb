//! What runs came to, as metrics.

use chassis::metrics::{MetricError, counters, gauges};
use chrono::{DateTime, Utc};
use prometheus::{IntCounterVec, IntGaugeVec, Registry};
use schedule::{Job, Released, Report, Skip};
use store::scheduling::held::{Dropped, HeldJobs};
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
    held: IntGaugeVec,
    overdue: IntGaugeVec,
    released: IntCounterVec,
    dropped: IntCounterVec,
}

impl Count {
    /// The families, every label set at 0.
    ///
    /// # Errors
    /// If two metrics have the same name.
    pub(crate) fn new(registry: &Registry) -> Result<Self, MetricError> {
        let count = Self::families(registry)?;
        count.zero();
        Ok(count)
    }

    /// The families, without a label set.
    fn families(registry: &Registry) -> Result<Self, MetricError> {
        Ok(Self {
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
            held: gauges(
                registry,
                "held_jobs",
                "Jobs that wait for a digest or the end of quiet hours; 0 on replicas that do not act.",
                &[],
            )?,
            overdue: gauges(
                registry,
                "held_overdue_seconds",
                "How long the oldest held job has been due; 0 if none is, and on replicas that do not act.",
                &[],
            )?,
            released: counters(
                registry,
                "held_messages_total",
                "Messages of what was held back: digest (several jobs in one) or single (a job as it was).",
                &["kind"],
            )?,
            dropped: counters(
                registry,
                "held_dropped_total",
                "Held jobs that are not told, by the reason.",
                &["reason"],
            )?,
        })
    }

    /// Sets every label set at 0, so that each is there before anything happens.
    fn zero(&self) {
        self.act(false);
        for kind in ["digest", "single"] {
            self.released.with_label_values(&[kind]).inc_by(0);
        }
        for reason in Dropped::ALL {
            self.dropped.with_label_values(&[reason.as_str()]).inc_by(0);
        }
        for job in Job::ALL.map(Job::as_str) {
            for result in ["done", "failed"] {
                self.runs.with_label_values(&[job, result]).inc_by(0);
            }
            for skip in Skip::ALL {
                self.skipped.with_label_values(&[job, skip.as_str()]).set(0);
            }
            self.notices.with_label_values(&[job]).inc_by(0);
            self.last.with_label_values(&[job]).set(0);
            self.next.with_label_values(&[job]).set(0);
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
            self.cleaned.with_label_values(&labels).inc_by(0);
        }
    }

    /// Whether this replica acts.
    pub(crate) fn act(&self, acts: bool) {
        let none: [&str; 0] = [];
        self.active.with_label_values(&none).set(acts.into());
        self.held.with_label_values(&none).set(0);
        self.overdue.with_label_values(&none).set(0);
    }

    /// What is held back.
    pub(crate) fn held(&self, held: HeldJobs, now: DateTime<Utc>) {
        let none: [&str; 0] = [];
        let overdue = held
            .overdue_since
            .map_or(0, |due| (now - due).num_seconds());
        self.held.with_label_values(&none).set(held.jobs);
        self.overdue.with_label_values(&none).set(overdue.max(0));
    }

    /// What of it was published, or is not told.
    pub(crate) fn released(&self, released: &Released) {
        let messages = [("digest", released.digests), ("single", released.singles)];
        for (kind, number) in messages {
            self.released.with_label_values(&[kind]).inc_by(number);
        }
        for why in &released.dropped {
            self.dropped.with_label_values(&[why.as_str()]).inc();
        }
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
