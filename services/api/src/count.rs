//! What was answered, as metrics.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use chassis::metrics::{MetricError, counters};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Registry};

/// The methods that resources know; others count together.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "other"];

/// Statuses, by their first digit.
const STATUSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// The metrics of the API.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    requests: IntCounterVec,
    seconds: HistogramVec,
    /// Streams of bells that are open.
    pub(crate) streams: IntGauge,
}

impl Count {
    /// The families, every label set at 0.
    pub(crate) fn new(registry: &Registry) -> Result<Self, MetricError> {
        let requests = counters(
            registry,
            "api_requests_total",
            "Requests that were answered, by method and status.",
            &["method", "status"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new(
                "dojo_notify_api_request_seconds",
                "How long a request took until its answer began.",
            ),
            &["method"],
        )?;
        registry.register(Box::new(seconds.clone()))?;
        let streams = IntGauge::new(
            "dojo_notify_api_open_streams",
            "Bells of open pages that are told of alerts; each is a connection.",
        )?;
        registry.register(Box::new(streams.clone()))?;
        for method in METHODS {
            seconds.with_label_values(&[method]);
            for status in STATUSES {
                requests.with_label_values(&[method, status]);
            }
        }
        Ok(Self {
            requests,
            seconds,
            streams,
        })
    }

    /// One more answer.
    pub(crate) fn answered(&self, method: &Method, status: StatusCode, took: Duration) {
        let known = METHODS.into_iter().find(|known| *known == method.as_str());
        let method = known.unwrap_or("other");
        let status = match status.as_u16() {
            0..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        self.requests.with_label_values(&[method, status]).inc();
        self.seconds
            .with_label_values(&[method])
            .observe(took.as_secs_f64());
    }
}
