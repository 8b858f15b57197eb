//! The service's metrics. Names begin with `dojo_notify_`, units stand in the names.

use prometheus::{IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

/// What is wrong with a metric's definition; a fault of the program.
pub use prometheus::Error as MetricError;

/// The metrics of the chassis, and the registry that others add theirs to.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Where every metric is registered.
    pub registry: Registry,
    /// `dojo_notify_broker_connected{side}`
    pub broker_connected: IntGaugeVec,
    /// `dojo_notify_broker_sessions_total{side}`
    pub broker_sessions: IntCounterVec,
    /// `dojo_notify_messages_consumed_total{redelivered}`
    pub consumed: IntCounterVec,
    /// `dojo_notify_messages_published_total{result}`
    pub published: IntCounterVec,
}

impl Metrics {
    /// The metrics of one service, every label set at 0.
    ///
    /// # Errors
    /// If two metrics have the same name.
    pub fn new(service: &str) -> Result<Self, MetricError> {
        let registry = Registry::new();
        let metrics = Self {
            broker_connected: gauges(
                &registry,
                "broker_connected",
                "1 while a session with the broker stands.",
                &["side"],
            )?,
            broker_sessions: counters(
                &registry,
                "broker_sessions_total",
                "Sessions opened with the broker; the second and later ones are reconnects.",
                &["side"],
            )?,
            consumed: counters(
                &registry,
                "messages_consumed_total",
                "Messages taken from the service's queue.",
                &["redelivered"],
            )?,
            published: counters(
                &registry,
                "messages_published_total",
                "Messages published, by what the broker said.",
                &["result"],
            )?,
            registry,
        };
        for side in ["consume", "publish"] {
            metrics.broker_connected.with_label_values(&[side]).set(0);
            metrics.broker_sessions.with_label_values(&[side]).inc_by(0);
        }
        for redelivered in ["false", "true"] {
            metrics.consumed.with_label_values(&[redelivered]).inc_by(0);
        }
        for result in ["confirmed", "unroutable", "refused", "nacked", "lost"] {
            metrics.published.with_label_values(&[result]).inc_by(0);
        }
        gauges(
            &metrics.registry,
            "build_info",
            "Always 1; the labels tell what runs.",
            &["service", "version"],
        )?
        .with_label_values(&[service, env!("CARGO_PKG_VERSION")])
        .set(1);
        Ok(metrics)
    }

    /// Everything in the Prometheus text format.
    ///
    /// # Errors
    /// If a metric cannot be written.
    pub fn render(&self) -> Result<String, MetricError> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// A family of counters `dojo_notify_<name>` with labels.
///
/// # Errors
/// If the name is taken or invalid.
pub fn counters(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntCounterVec, MetricError> {
    let family = IntCounterVec::new(Opts::new(format!("dojo_notify_{name}"), help), labels)?;
    registry.register(Box::new(family.clone()))?;
    Ok(family)
}

/// A family of gauges `dojo_notify_<name>` with labels.
///
/// # Errors
/// If the name is taken or invalid.
pub fn gauges(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntGaugeVec, MetricError> {
    let family = IntGaugeVec::new(Opts::new(format!("dojo_notify_{name}"), help), labels)?;
    registry.register(Box::new(family.clone()))?;
    Ok(family)
}
