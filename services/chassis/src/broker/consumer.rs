//! Reading the service's queue in chunks, across losses of the session.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::Peekable;
use futures_util::{FutureExt, StreamExt};
use lapin::message::Delivery;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use proto_events::Service;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::ack::{self, Ack, Fate};
use super::message::{self, Headers};
use super::session::{BrokerError, Session};
use super::topology::{DELIVERY_LIMIT, Topology};
use crate::config::BrokerConfig;
use crate::health::Part;
use crate::reconnect::until_ok;
use crate::start::Runtime;

const SIDE: &[&str] = &["consume"];
const TAG: &str = "dojo-notify";
const DEAD_TAG: &str = "dojo-notify dead letters";

/// How large the bodies of a chunk may be together (bytes), but for its last: what a service
/// makes of a message may take several times its size.
const CHUNK_SIZE: usize = 8 * 1024 * 1024;

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
    /// The AMQP message-id: a job's or an event's id.
    pub message_id: Option<String>,
    /// Whether the broker gave it up: it lay in the service's dead-letter queue.
    pub given_up: bool,
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
    dead_queue: String,
    runtime: Runtime,
    part: Part,
    reading: Option<Reading>,
}

/// What comes from a queue. lapin tells only once that a consumer has ended and is silent
/// from then on, so an end that is met in passing must not be taken.
type Deliveries = Peekable<lapin::Consumer>;

/// A session that delivers.
struct Reading {
    session: Session,
    deliveries: Deliveries,
    /// What the broker gave up.
    given_up: Deliveries,
    reports: mpsc::UnboundedSender<(u64, Fate)>,
    acknowledging: JoinHandle<Option<()>>,
}

impl Consumer {
    /// A reader of the service's queue; connects when the first chunk is asked for.
    #[must_use]
    pub fn new(config: &BrokerConfig, service: Service, runtime: &Runtime) -> Self {
        Self {
            topology: Arc::new(Topology::new(&config.broker_prefix, &config.retry_ladder)),
            queue: config.broker_prefix.queue(service),
            dead_queue: config.broker_prefix.dead_queue(service),
            config: config.clone(),
            runtime: runtime.clone(),
            part: runtime.health.part("broker (consume)"),
            reading: None,
        }
    }

    /// Waits for messages and takes those that are ready, at most `max` and few if they are
    /// large: from the service's queue, or from what the broker gave up. None once the
    /// service is to stop.
    pub async fn chunk(&mut self, max: usize) -> Option<Vec<Incoming>> {
        self.chunk_of(async || Some(max)).await
    }

    /// As [`Consumer::chunk`], but asks how many may be taken only when there are some, so
    /// that what limits it is not held by who waits. None also if the answer is none.
    pub async fn chunk_of(
        &mut self,
        max: impl AsyncFnOnce() -> Option<usize>,
    ) -> Option<Vec<Incoming>> {
        loop {
            let reading = match self.reading.take() {
                Some(reading) => reading,
                None => self.connect().await?,
            };
            let reading = self.reading.insert(reading);
            let (first, given_up) = tokio::select! {
                () = self.runtime.stop.cancelled() => return None,
                first = reading.deliveries.next() => (first, false),
                first = reading.given_up.next() => (first, true),
                error = reading.session.ended() => (Some(Err(error)), false),
            };
            match first {
                Some(Ok(delivery)) => {
                    let first = reading.incoming(delivery, given_up);
                    let max = max().await?;
                    let mut size = first.body.len();
                    let mut chunk = Vec::with_capacity(max.min(64));
                    chunk.push(first);
                    while chunk.len() < max && size < CHUNK_SIZE && !given_up {
                        let ready = Pin::new(&mut reading.deliveries).next_if(Result::is_ok);
                        let Some(Some(Ok(delivery))) = ready.now_or_never() else {
                            break;
                        };
                        size += delivery.data.len();
                        chunk.push(reading.incoming(delivery, false));
                    }
                    self.count(&chunk);
                    return Some(chunk);
                }
                Some(Err(error)) => {
                    self.reading = None;
                    self.lose(&error.to_string());
                }
                None => {
                    // The channel may live on, and with it what is in hand.
                    if let Some(reading) = self.reading.take() {
                        tokio::spawn(reading.finish());
                    }
                    self.lose("the broker ended the consumer; the queue may have been deleted");
                }
            }
        }
    }

    /// Stops reading, waits until what was acknowledged is sent, and closes the
    /// connection. Call after every [`Ack`] is used or dropped.
    pub async fn close(mut self) {
        let Some(reading) = self.reading.take() else {
            return;
        };
        reading.finish().await;
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
        let deliveries = consume(&session, &self.queue, TAG).await?;
        let given_up = consume(&session, &self.dead_queue, DEAD_TAG).await?;
        let (reports, receiver) = mpsc::unbounded_channel();
        let acknowledging = ack::acknowledge(
            session.channel.clone(),
            self.config.broker_prefetch,
            receiver,
        );
        let acknowledging = tokio::spawn(session.until_ended(acknowledging));
        Ok(Reading {
            session,
            deliveries,
            given_up,
            reports,
            acknowledging,
        })
    }

    fn lose(&self, why: &str) {
        self.part.down(format!("the session was lost: {why}"));
        self.runtime
            .metrics
            .broker_connected
            .with_label_values(SIDE)
            .set(0);
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

async fn consume(session: &Session, queue: &str, tag: &str) -> Result<Deliveries, BrokerError> {
    let consume = session.channel.basic_consume(
        queue.into(),
        tag.into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    );
    let deliveries = session
        .step(&format!("consume queue {queue}"), consume)
        .await?;
    Ok(deliveries.peekable())
}

impl Incoming {
    /// Why the broker gave it up, in words.
    #[must_use]
    pub fn why_given_up(&self) -> String {
        // RabbitMQ, "Dead letter exchanges": the header that tells the first cause.
        let cause = self
            .texts
            .iter()
            .find(|(name, _)| name == "x-first-death-reason")
            .map_or("unknown", |(_, cause)| cause.as_str());
        format!(
            "the broker gave it up ({cause}) after handing it out {DELIVERY_LIMIT} times: whoever read it crashed or \
             lost its session each time; look into the log for what happened then, before you replay it"
        )
    }
}

impl Reading {
    /// Hands back what nobody has taken, waits until everything in hand is acknowledged or
    /// handed back too, and closes the connection.
    async fn finish(mut self) {
        for (tag, deliveries) in [(TAG, &mut self.deliveries), (DEAD_TAG, &mut self.given_up)] {
            let options = BasicCancelOptions::default();
            let cancel = self.session.channel.basic_cancel(tag.into(), options);
            if let Err(error) = self.session.step("cancel the consumer", cancel).await {
                tracing::debug!(%error, "the consumer was gone before it was cancelled");
            }
            while let Some(Some(Ok(delivery))) = deliveries.next().now_or_never() {
                drop(Ack::new(delivery.delivery_tag, self.reports.clone()));
            }
        }
        drop(self.reports);
        if self.acknowledging.await.is_err() {
            tracing::warn!(
                "the acknowledging task failed; the broker delivers what it had left again"
            );
        }
        self.session.close().await;
    }

    fn incoming(&self, delivery: Delivery, given_up: bool) -> Incoming {
        let text = |text: &Option<ShortString>| text.as_ref().map(ToString::to_string);
        Incoming {
            headers: Headers::read(&delivery.properties),
            texts: message::texts(&delivery.properties),
            content_type: text(delivery.properties.content_type()),
            message_id: text(delivery.properties.message_id()),
            given_up,
            redelivered: delivery.redelivered,
            body: delivery.data,
            ack: Ack::new(delivery.delivery_tag, self.reports.clone()),
        }
    }
}
