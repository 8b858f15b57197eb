//! Spans on their way to a collector, in groups and on a thread of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};

use super::Tracer;
use crate::config::TraceConfig;

/// How long the last spans may take when the service has stopped.
const LAST: Duration = Duration::from_secs(2);

/// The export of a process' spans, if there is one.
pub struct Export(Option<SdkTracerProvider>);

impl Export {
    /// Starts it, if a collector is named.
    ///
    /// # Errors
    /// If a variable of OpenTelemetry's cannot be used, or its HTTP client cannot be made.
    pub fn start(config: &TraceConfig, service: &'static str) -> anyhow::Result<Self> {
        let Some(endpoint) = &config.otlp_endpoint else {
            return Ok(Self(None));
        };
        let address = format!("{}/v1/traces", endpoint.to_string().trim_end_matches('/'));
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(address)
            .build()
            .context("traces cannot be exported; correct the OTEL_ variables, or unset OTEL_EXPORTER_OTLP_ENDPOINT")?;
        let resource = Resource::builder()
            .with_service_name(service)
            .with_attribute(KeyValue::new("service.namespace", "dojo-notify"))
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(Watched::new(exporter))
            .with_resource(resource)
            .build();
        Ok(Self(Some(provider)))
    }

    /// What makes the spans that are exported.
    #[must_use]
    pub fn tracer(&self) -> Tracer {
        Tracer(self.0.as_ref().map(|it| it.tracer("dojo-notify")))
    }

    /// Exports what is left.
    pub fn finish(self) {
        if let Some(provider) = self.0
            && let Err(error) = provider.shutdown_with_timeout(LAST)
        {
            tracing::debug!(%error, "the last spans were not exported");
        }
    }
}

/// An exporter that says once that it fails, and once that it works again.
#[derive(Debug)]
struct Watched<E> {
    exporter: E,
    failing: AtomicBool,
}

impl<E> Watched<E> {
    const fn new(exporter: E) -> Self {
        Self {
            exporter,
            failing: AtomicBool::new(false),
        }
    }

    fn look_at(&self, result: &OTelSdkResult) {
        let failing = result.is_err();
        if self.failing.swap(failing, Ordering::Relaxed) == failing {
            return;
        }
        match result {
            Ok(()) => tracing::info!("traces are exported again"),
            Err(error) => tracing::warn!(
                error = words(error),
                "traces cannot be exported and are lost until the collector takes them (OTEL_EXPORTER_OTLP_ENDPOINT); \
                 the work goes on"
            ),
        }
    }
}

fn words(error: &OTelSdkError) -> String {
    match error {
        OTelSdkError::InternalFailure(reason) => reason.clone(),
        other => other.to_string(),
    }
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        self.look_at(&result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
