//! Looks around every few seconds: what lies in the queues and who reads them, what waits in
//! lines, who rests, what was given up. The router does it because it always runs, while a
//! sender that was scaled to zero cannot say that nobody reads its queue. Every replica tells
//! the same; ask for the greatest.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use chassis::Runtime;
use chassis::broker::{BrokerError, Session};
use chassis::config::BrokerConfig;
use chassis::metrics::{MetricError, gauges};
use prometheus::{Gauge, IntGaugeVec, Registry};
use proto_events::{EndpointState, Names, Service};
use store::{Store, Survey};

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(15);

/// What it tells, every label set from 0 on.
struct Metrics {
    messages: IntGaugeVec,
    consumers: IntGaugeVec,
    parked: IntGaugeVec,
    oldest: IntGaugeVec,
    pauses: IntGaugeVec,
    endpoints: IntGaugeVec,
    dead_letters: IntGaugeVec,
    surveyed: Gauge,
}

impl Metrics {
    fn new(registry: &Registry) -> Result<Self, MetricError> {
        let by_service = |name: &str, help: &str| gauges(registry, name, help, &["service"]);
        let surveyed = Gauge::new(
            "dojo_notify_surveyed_timestamp_seconds",
            "When queues and tables were last looked at; the gauges of queues, lines, pauses, endpoints and dead letters are as of then.",
        )?;
        registry.register(Box::new(surveyed.clone()))?;
        let metrics = Self {
            messages: gauges(
                registry,
                "queue_messages",
                "Messages ready in a service's queues: work (what it reads), retry (all rungs of its ladder), dead (what the broker gave up).",
                &["service", "queue"],
            )?,
            consumers: by_service("queue_consumers", "Readers of a service's queue.")?,
            parked: by_service(
                "parked_jobs",
                "Jobs that wait in lines before destinations that rest.",
            )?,
            oldest: by_service(
                "parked_oldest_seconds",
                "How long ago the oldest job in a line was published; 0 if none waits.",
            )?,
            pauses: by_service(
                "pauses",
                "Destinations, or whole services, that are left alone just now.",
            )?,
            endpoints: gauges(
                registry,
                "webhook_endpoints",
                "Webhook endpoints by state.",
                &["state"],
            )?,
            dead_letters: by_service(
                "dead_letters_waiting",
                "Dead letters that nobody has replayed or discarded.",
            )?,
            surveyed,
        };
        metrics.show(&Survey::default());
        for service in Service::ALL {
            metrics.show_queues(service, [0; 3]);
            metrics
                .consumers
                .with_label_values(&[service.as_str()])
                .set(0);
        }
        Ok(metrics)
    }

    fn show_queues(&self, service: Service, [work, retry, dead]: [i64; 3]) {
        for (queue, messages) in [("work", work), ("retry", retry), ("dead", dead)] {
            self.messages
                .with_label_values(&[service.as_str(), queue])
                .set(messages);
        }
    }

    fn show(&self, survey: &Survey) {
        for service in Service::ALL.map(Service::as_str) {
            let parked = survey.parked.get(service).copied().unwrap_or_default();
            let oldest = i64::try_from(parked.oldest.as_secs()).unwrap_or(i64::MAX);
            let count = |counts: &std::collections::BTreeMap<String, i64>| {
                counts.get(service).copied().unwrap_or_default()
            };
            self.parked.with_label_values(&[service]).set(parked.jobs);
            self.oldest.with_label_values(&[service]).set(oldest);
            self.pauses
                .with_label_values(&[service])
                .set(count(&survey.pauses));
            self.dead_letters
                .with_label_values(&[service])
                .set(count(&survey.dead_letters));
        }
        for state in EndpointState::ALL {
            let count = survey.endpoints.get(state.as_str()).copied();
            self.endpoints
                .with_label_values(&[state.as_str()])
                .set(count.unwrap_or_default());
        }
    }
}

/// Starts looking around, until the service is to stop. A look that fails is logged, and its
/// figures stay as they are; nothing else depends on it.
///
/// # Errors
/// If two metrics have the same name.
pub(crate) fn start(store: &Store, broker: &BrokerConfig, runtime: &Runtime) -> anyhow::Result<()> {
    let metrics = Metrics::new(&runtime.metrics.registry)?;
    let (store, broker, stop) = (store.clone(), broker.clone(), runtime.stop.clone());
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        let mut session = None;
        loop {
            if let Err(error) = look(&store, &broker, &mut session, &metrics).await {
                session = None;
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the figures of queues and lines could not be renewed; trying again"
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }));
    Ok(())
}

async fn look(
    store: &Store,
    broker: &BrokerConfig,
    session: &mut Option<Session>,
    metrics: &Metrics,
) -> anyhow::Result<()> {
    metrics.show(&store.survey().await.context("the tables")?);
    if session.is_none() {
        *session = Some(Session::open(broker, "event-router survey").await?);
    }
    if let Some(session) = session {
        for service in Service::ALL {
            look_at_queues(session, broker, service, metrics).await?;
        }
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    metrics.surveyed.set(now.unwrap_or_default().as_secs_f64());
    Ok(())
}

async fn look_at_queues(
    session: &Session,
    broker: &BrokerConfig,
    service: Service,
    metrics: &Metrics,
) -> Result<(), BrokerError> {
    let names: &Names = &broker.broker_prefix;
    let work = session.queue_state(&names.queue(service)).await?;
    let dead = session.queue_state(&names.dead_queue(service)).await?;
    let mut retry = 0;
    for seconds in broker.retry_ladder.rungs() {
        let rung = names.rung(service, *seconds);
        retry += i64::from(session.queue_state(&rung).await?.ready);
    }
    metrics.show_queues(service, [work.ready.into(), retry, dead.ready.into()]);
    metrics
        .consumers
        .with_label_values(&[service.as_str()])
        .set(work.consumers.into());
    Ok(())
}
