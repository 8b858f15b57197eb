//! From `main` to a running service and out again.

use std::future::Future;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::{self, ChassisConfig};
use crate::health::Health;
use crate::metrics::Metrics;
use crate::trace::{Export, Tracer};
use crate::{healthcheck, http, telemetry};

/// What a running service is given.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// The service's name.
    pub name: &'static str,
    /// Where parts say whether they work.
    pub health: Health,
    /// Where metrics are registered.
    pub metrics: Metrics,
    /// Makes spans, if traces are exported.
    pub tracer: Tracer,
    /// Cancelled when the service is to stop: take nothing new, finish what is in hand.
    pub stop: CancellationToken,
}

impl Runtime {
    /// A runtime that nothing stops yet and whose traces go nowhere.
    ///
    /// # Errors
    /// If the metrics cannot be registered.
    pub fn new(name: &'static str) -> anyhow::Result<Self> {
        let metrics = Metrics::new(name)?;
        Ok(Self {
            name,
            health: Health::default(),
            metrics,
            tracer: Tracer::default(),
            stop: CancellationToken::new(),
        })
    }
}

/// Runs a service: reads its configuration, starts logs, health and metrics, runs it
/// until SIGTERM or SIGINT, and lets it finish within the grace period. With the word
/// `healthcheck` it asks the service that runs here instead ([`healthcheck`]).
///
/// Exit codes: 0 after a clean stop, 1 if the service failed or had to be cut off, or is
/// not ready, 2 for a wrong configuration.
pub fn run<C, F, Fut>(name: &'static str, service: F) -> ExitCode
where
    C: Parser + AsRef<ChassisConfig>,
    F: FnOnce(C, Runtime) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let failed = |code, error: anyhow::Error| {
        eprintln!("{name}: {error:#}");
        ExitCode::from(code)
    };
    let (config, asked) = match read::<C>() {
        Ok(read) => read,
        Err(error) => return failed(2, error),
    };
    if asked == Asked::IsItReady {
        let answer = healthcheck::ask(config.as_ref().http.http_listen);
        return answer.map_or_else(|error| failed(1, error), |()| ExitCode::SUCCESS);
    }
    match run_until_stopped(name, config, service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "stopped by a failure");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    ToServe,
    IsItReady,
}

/// The configuration, and what is to be done with it.
fn read<C: Parser>() -> anyhow::Result<(C, Asked)> {
    let command = C::command().subcommand(healthcheck::command());
    let matches = config::matches_of(command, std::env::args_os())?;
    let asked = match matches.subcommand_name() {
        Some(healthcheck::NAME) => Asked::IsItReady,
        _ => Asked::ToServe,
    };
    let config = C::from_arg_matches(&matches).map_err(|error| error.exit())?;
    Ok((config, asked))
}

fn run_until_stopped<C, F, Fut>(name: &'static str, config: C, service: F) -> anyhow::Result<()>
where
    C: AsRef<ChassisConfig>,
    F: FnOnce(C, Runtime) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    install_tls_provider();
    let chassis = config.as_ref().clone();
    telemetry::start(&chassis.log)?;
    // Before the async runtime, since the exporter works on a thread of its own.
    let export = Export::start(&chassis.trace, name)?;
    let tracer = export.tracer();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the async runtime")?;
    let result = runtime.block_on(async move {
        let running = Runtime {
            tracer,
            ..Runtime::new(name)?
        };
        let done = CancellationToken::new();
        let address = http::serve(chassis.http.http_listen, running.health.clone(), running.metrics.clone(), done.clone()).await?;
        tracing::info!(service = name, version = env!("CARGO_PKG_VERSION"), %address, "started");
        stop_on_signal(running.stop.clone())?;
        let stop = running.stop.clone();
        let work = service(config, running);
        tokio::pin!(work);
        let result = tokio::select! {
            result = &mut work => result,
            () = stop.cancelled() => match tokio::time::timeout(chassis.shutdown_grace, work).await {
                Ok(result) => result,
                Err(_) => Err(anyhow::anyhow!(
                    "not finished {} s after the signal to stop (DD_SHUTDOWN_GRACE); what was in hand will be delivered again",
                    chassis.shutdown_grace.as_secs()
                )),
            },
        };
        done.cancel();
        tracing::info!(service = name, "stopped");
        result
    });
    // What is left of the work ends with the runtime, and its spans with it.
    drop(runtime);
    export.finish();
    result
}

/// One TLS provider for everything in the process. A second call changes nothing, which
/// is what the refused result says.
pub fn install_tls_provider() {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
}

/// Cancels `stop` with the first SIGTERM or SIGINT. Further ones change nothing.
///
/// # Errors
/// If the system does not tell us of signals.
pub fn stop_on_signal(stop: CancellationToken) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(
            signal = name,
            "stopping: taking nothing new, finishing what is in hand"
        );
        stop.cancel();
    });
    Ok(())
}
