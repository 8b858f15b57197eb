//! What senders count.

use std::time::Duration;

use chassis::metrics::{MetricError, Metrics, counters};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
};
use proto_events::outcome::State;
use proto_events::{Channel, Reason};

/// The metrics of one sender, every label set at 0.
#[derive(Clone, Debug)]
pub struct DeliveryMetrics {
    channel: Channel,
    attempts: IntCounterVec,
    /// `dojo_notify_jobs_parked_total{channel}`
    pub parked: IntCounter,
    /// `dojo_notify_dead_letters_not_kept_total{channel}`
    pub not_kept: IntCounter,
    /// `dojo_notify_attempts_in_flight{channel}`
    pub in_flight: IntGauge,
    /// `dojo_notify_attempt_seconds`
    pub seconds: Histogram,
    latency: HistogramVec,
    groups: HistogramVec,
}

/// A statement that is made for several jobs together.
#[derive(Clone, Copy, Debug)]
pub enum Statement {
    /// Before attempts.
    Claim,
    /// After them.
    Settle,
}

impl Statement {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Settle => "settle",
        }
    }
}

const BUCKETS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 3600.0,
];

const SIZES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 1024.0];

impl DeliveryMetrics {
    /// Registers the metrics.
    ///
    /// # Errors
    /// If one of the names is taken.
    pub fn new(channel: Channel, metrics: &Metrics) -> Result<Self, MetricError> {
        let registry = &metrics.registry;
        let attempts = counters(
            registry,
            "attempts_total",
            "Delivery attempts by outcome (delivered, accepted, retrying, dead) and reason.",
            &["channel", "outcome", "reason"],
        )?;
        for state in [State::Delivered, State::Accepted] {
            attempts
                .with_label_values(&[channel.as_str(), state.as_str(), ""])
                .inc_by(0);
        }
        for reason in Reason::ALL {
            for state in [State::Retrying, State::Dead] {
                attempts
                    .with_label_values(&[channel.as_str(), state.as_str(), reason.as_str()])
                    .inc_by(0);
            }
        }
        let parked = counters(
            registry,
            "jobs_parked_total",
            "Jobs that were put into their destination's line, since it rests or others wait before them.",
            &["channel"],
        )?;
        let not_kept = counters(
            registry,
            "dead_letters_not_kept_total",
            "Jobs that were given up and not kept, since 1,000 of their endpoint lie in the dead letters.",
            &["channel"],
        )?;
        let in_flight: IntGaugeVec = chassis::metrics::gauges(
            registry,
            "attempts_in_flight",
            "Attempts under way.",
            &["channel"],
        )?;
        let histogram = |name: &str, help: &str, buckets: &[f64], labels: &[&str]| {
            let options = HistogramOpts::new(format!("dojo_notify_{name}"), help)
                .buckets(buckets.to_vec())
                .const_label("channel", channel.as_str());
            let histogram = HistogramVec::new(options, labels)?;
            registry.register(Box::new(histogram.clone()))?;
            Ok::<_, MetricError>(histogram)
        };
        let latency = histogram(
            "delivery_latency_seconds",
            "From the publishing of a job to its end, by how it ended (delivered, accepted, dead).",
            &BUCKETS,
            &["outcome"],
        )?;
        for state in [State::Delivered, State::Accepted, State::Dead] {
            latency.with_label_values(&[state.as_str()]);
        }
        let groups = histogram(
            "group_size",
            "How many jobs one statement was for: claim before attempts, settle after them.",
            &SIZES,
            &["statement"],
        )?;
        for statement in [Statement::Claim, Statement::Settle] {
            groups.with_label_values(&[statement.as_str()]);
        }
        let seconds = histogram(
            "attempt_seconds",
            "How long one attempt took.",
            &BUCKETS,
            &[],
        )?;
        Ok(Self {
            channel,
            attempts,
            parked: parked.with_label_values(&[channel.as_str()]),
            not_kept: not_kept.with_label_values(&[channel.as_str()]),
            in_flight: in_flight.with_label_values(&[channel.as_str()]),
            seconds: seconds.with_label_values::<&str>(&[]),
            latency,
            groups,
        })
    }

    /// Notes for how many jobs one statement was.
    pub fn grouped(&self, statement: Statement, jobs: usize) {
        let size = u32::try_from(jobs).unwrap_or(u32::MAX);
        let group = self.groups.with_label_values(&[statement.as_str()]);
        group.observe(size.into());
    }

    /// Notes how long ago a job was published that has come to its end, if that is known.
    pub fn ended(&self, state: State, age: Option<Duration>) {
        if let Some(age) = age {
            let latency = self.latency.with_label_values(&[state.as_str()]);
            latency.observe(age.as_secs_f64());
        }
    }

    /// Counts an attempt.
    pub fn count(&self, state: State, reason: Option<Reason>) {
        let reason = reason.map_or("", Reason::as_str);
        self.attempts
            .with_label_values(&[self.channel.as_str(), state.as_str(), reason])
            .inc();
    }
}
