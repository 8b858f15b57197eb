//! Reading the service's queue in chunks, across losses of the session.

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use lapin::message::Delivery;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use proto_events::Service;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::ack::{self, Ack, Fate};
use super::message::{self, Headers};
use super::session::{BrokerError, Session};
use super::topology::Topology;
use crate::config::BrokerConfig;
use crate::health::Part;
use crate::reconnect::until_ok;
use crate::start::Runtime;

const SIDE: &[&str] = &["consume"];
const TAG: &str = "dojo-notify";

/// A message from the queue.
#[derive(Debug)]
pub struct Incoming {
    /// The body.
    pub body: Vec<u8>,
    /// The headers that services set.
    pub headers: Headers,
    /// Every header whose value is text, for CloudEvents' binary mode.
    pub texts: Vec<(String, String)>,
    /// Media type of the body.
    pub content_type: Option<String>,
    /// Whether the broker has handed it out before.
    pub redelivered: bool,
    /// Uses up the message.
    pub ack: Ack,
}

/// The consuming side of a service. It connects by itself, and again after any loss.
pub struct Consumer {
    config: BrokerConfig,
    topology: Arc<Topology>,
    queue: String,
    runtime: Runtime,
    part: Part,
    reading: Option<Reading>,
}

/// A session that delivers.
struct Reading {
    session: Session,
    deliveries: lapin::Consumer,
    reports: mpsc::UnboundedSender<(u64, Fate)>,
    acknowledging: JoinHandle<()>,
}

impl Consumer {
    /// A reader of the service's queue; connects when the first chunk is asked for.
    #[must_use]
    pub fn new(config: &BrokerConfig, service: Service, runtime: &Runtime) -> Self {
        Self {
            topology: Arc::new(Topology::new(&config.broker_prefix, &config.retry_ladder)),
            queue: config.broker_prefix.queue(service),
            config: config.clone(),
            runtime: runtime.clone(),
            part: runtime.health.part("broker (consume)"),
            reading: None,
        }
    }

    /// Waits for messages and takes those that are ready, at most `max`. None once the
    /// service is to stop.
    pub async fn chunk(&mut self, max: usize) -> Option<Vec<Incoming>> {
        loop {
            let reading = match self.reading.take() {
                Some(reading) => reading,
                None => self.connect().await?,
            };
            let reading = self.reading.insert(reading);
            let first = tokio::select! {
                () = self.runtime.stop.cancelled() => return None,
                first = reading.deliveries.next() => first,
            };
            match first {
                Some(Ok(delivery)) => {
                    let mut chunk = Vec::with_capacity(max.min(64));
                    chunk.push(reading.incoming(delivery));
                    while chunk.len() < max {
                        match reading.deliveries.next().now_or_never() {
                            Some(Some(Ok(delivery))) => chunk.push(reading.incoming(delivery)),
                            // An end or an error shows again at the next call.
                            _ => break,
                        }
                    }
                    self.count(&chunk);
                    return Some(chunk);
                }
                Some(Err(error)) => self.lose(&error.to_string()),
                None => self.lose("the broker ended the consumer; the queue may have been deleted"),
            }
        }
    }

    /// Stops reading, waits until what was acknowledged is sent, and closes the
    /// connection. Call after every [`Ack`] is used or dropped.
    pub async fn close(mut self) {
        let Some(reading) = self.reading.take() else {
            return;
        };
        let cancel = reading
            .session
            .channel
            .basic_cancel(TAG.into(), BasicCancelOptions::default());
        if let Err(error) = reading.session.step("cancel the consumer", cancel).await {
            tracing::debug!(%error, "the consumer was gone before it was cancelled");
        }
        drop(reading.reports);
        if reading.acknowledging.await.is_err() {
            tracing::warn!(
                "the acknowledging task failed; the broker delivers what it had left again"
            );
        }
        reading.session.close().await;
        self.runtime
            .metrics
            .broker_connected
            .with_label_values(SIDE)
            .set(0);
    }

    async fn connect(&self) -> Option<Reading> {
        let reading = tokio::select! {
            () = self.runtime.stop.cancelled() => return None,
            reading = until_ok(&self.part, &self.runtime.stop, || self.open()) => reading?,
        };
        self.runtime
            .metrics
            .broker_connected
            .with_label_values(SIDE)
            .set(1);
        self.runtime
            .metrics
            .broker_sessions
            .with_label_values(SIDE)
            .inc();
        Some(reading)
    }

    async fn open(&self) -> Result<Reading, BrokerError> {
        let name = format!("{} consume", self.runtime.name);
        let session =
            Session::open_with_topology(&self.config, &name, Some(&self.topology)).await?;
        let qos = session
            .channel
            .basic_qos(self.config.broker_prefetch, BasicQosOptions::default());
        session.step("set the prefetch count", qos).await?;
        let consume = session.channel.basic_consume(
            self.queue.as_str().into(),
            TAG.into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        );
        let deliveries = session
            .step(&format!("consume queue {}", self.queue), consume)
            .await?;
        let (reports, receiver) = mpsc::unbounded_channel();
        let acknowledging = tokio::spawn(ack::acknowledge(session.channel.clone(), receiver));
        Ok(Reading {
            session,
            deliveries,
            reports,
            acknowledging,
        })
    }

    fn lose(&mut self, why: &str) {
        self.part.down(format!("the session was lost: {why}"));
        self.runtime
            .metrics
            .broker_connected
            .with_label_values(SIDE)
            .set(0);
        self.reading = None;
    }

    fn count(&self, chunk: &[Incoming]) {
        let redelivered = chunk.iter().filter(|incoming| incoming.redelivered).count() as u64;
        let first = chunk.len() as u64 - redelivered;
        self.runtime
            .metrics
            .consumed
            .with_label_values(&["true"])
            .inc_by(redelivered);
        self.runtime
            .metrics
            .consumed
            .with_label_values(&["false"])
            .inc_by(first);
    }
}

impl Reading {
    fn incoming(&self, delivery: Delivery) -> Incoming {
        Incoming {
            headers: Headers::read(&delivery.properties),
            texts: message::texts(&delivery.properties),
            content_type: delivery
                .properties
                .content_type()
                .as_ref()
                .map(ToString::to_string),
            redelivered: delivery.redelivered,
            body: delivery.data,
            ack: Ack::new(delivery.delivery_tag, self.reports.clone()),
        }
    }
}
