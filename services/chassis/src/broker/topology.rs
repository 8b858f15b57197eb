//! Exchanges, queues and bindings: what is declared on the broker.

use lapin::options::{
    ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions,
    QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{ExchangeKind, Queue};
use proto_events::{Names, Service};

use super::session::{BrokerError, Session};
use crate::ladder::Ladder;

/// How often the broker hands a message to a reader that crashes before it gives up.
pub(super) const DELIVERY_LIMIT: i64 = 100;

/// How many messages wait in a queue and how many readers it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueState {
    /// Messages ready for delivery.
    pub ready: u32,
    /// Readers.
    pub consumers: u32,
}

/// Everything an installation has on the broker.
#[derive(Clone, Debug)]
pub struct Topology {
    pub(super) names: Names,
    pub(super) queues: Vec<QueuePlan>,
}

/// A queue that is to be there, and the exchange and routing key of each of its bindings.
#[derive(Clone, Debug)]
pub(super) struct QueuePlan {
    pub(super) name: String,
    pub(super) arguments: FieldTable,
    pub(super) bindings: Vec<(String, String)>,
}

impl Topology {
    /// The topology under a prefix: seven exchanges, for every service its queue, the rungs of
    /// its ladder and its dead-letter queue, and what waits for DefectDojo.
    #[must_use]
    pub fn new(names: &Names, ladder: &Ladder) -> Self {
        let queues = Service::ALL
            .into_iter()
            .flat_map(|service| {
                let rungs = ladder
                    .rungs()
                    .iter()
                    .map(move |seconds| rung(names, service, *seconds));
                [work(names, service), dead(names, service)]
                    .into_iter()
                    .chain(rungs)
            })
            .chain(upstream(names))
            .collect();
        Self {
            names: names.clone(),
            queues,
        }
    }

    /// Declares what is missing. What is there with other arguments is an error.
    ///
    /// # Errors
    /// [`BrokerError`] naming the exchange or queue.
    pub async fn apply(&self, session: &Session) -> Result<(), BrokerError> {
        let channel = &session.channel;
        for exchange in self.names.exchanges() {
            let options = ExchangeDeclareOptions {
                durable: true,
                ..Default::default()
            };
            let declare = channel.exchange_declare(
                exchange.as_str().into(),
                ExchangeKind::Topic,
                options,
                FieldTable::default(),
            );
            session
                .step(&format!("declare exchange {exchange}"), declare)
                .await?;
        }
        for queue in &self.queues {
            let options = QueueDeclareOptions {
                durable: true,
                ..Default::default()
            };
            let declare =
                channel.queue_declare(queue.name.as_str().into(), options, queue.arguments.clone());
            session
                .step(&format!("declare queue {}", queue.name), declare)
                .await?;
            for (exchange, key) in &queue.bindings {
                let bind = channel.queue_bind(
                    queue.name.as_str().into(),
                    exchange.as_str().into(),
                    key.as_str().into(),
                    QueueBindOptions::default(),
                    FieldTable::default(),
                );
                session
                    .step(&format!("bind queue {} to {exchange}", queue.name), bind)
                    .await?;
            }
        }
        Ok(())
    }

    /// Checks that everything is there, without the right to create it.
    ///
    /// # Errors
    /// [`BrokerError`] naming what is missing.
    pub async fn check(&self, session: &Session) -> Result<(), BrokerError> {
        for exchange in self.names.exchanges() {
            session.find_exchange(&exchange).await?;
        }
        for queue in &self.queues {
            find(session, &queue.name).await?;
        }
        Ok(())
    }

    /// Removes everything, messages too.
    ///
    /// # Errors
    /// [`BrokerError`] naming what could not be removed.
    pub async fn remove(&self, session: &Session) -> Result<(), BrokerError> {
        for queue in &self.queues {
            let delete = session
                .channel
                .queue_delete(queue.name.as_str().into(), QueueDeleteOptions::default());
            session
                .step(&format!("delete queue {}", queue.name), delete)
                .await?;
        }
        for exchange in self.names.exchanges() {
            let delete = session
                .channel
                .exchange_delete(exchange.as_str().into(), ExchangeDeleteOptions::default());
            session
                .step(&format!("delete exchange {exchange}"), delete)
                .await?;
        }
        Ok(())
    }

    /// The names of every queue.
    pub fn queues(&self) -> impl Iterator<Item = &str> {
        self.queues.iter().map(|queue| queue.name.as_str())
    }
}

impl Session {
    /// Checks that an exchange is there.
    ///
    /// # Errors
    /// [`BrokerError`] if it is not.
    pub async fn find_exchange(&self, exchange: &str) -> Result<(), BrokerError> {
        let options = ExchangeDeclareOptions {
            passive: true,
            ..Default::default()
        };
        let find = self.channel.exchange_declare(
            exchange.into(),
            ExchangeKind::Topic,
            options,
            FieldTable::default(),
        );
        self.step(&format!("find exchange {exchange}"), find).await
    }

    /// Messages and readers of a queue.
    ///
    /// # Errors
    /// [`BrokerError`] if there is no such queue.
    pub async fn queue_state(&self, queue: &str) -> Result<QueueState, BrokerError> {
        let found = find(self, queue).await?;
        Ok(QueueState {
            ready: found.message_count(),
            consumers: found.consumer_count(),
        })
    }
}

async fn find(session: &Session, queue: &str) -> Result<Queue, BrokerError> {
    let options = QueueDeclareOptions {
        passive: true,
        durable: true,
        ..Default::default()
    };
    let declare = session
        .channel
        .queue_declare(queue.into(), options, FieldTable::default());
    session.step(&format!("find queue {queue}"), declare).await
}

/// The queue a service reads.
fn work(names: &Names, service: Service) -> QueuePlan {
    let source = match service.channel() {
        Some(channel) => (names.jobs(), channel.as_str().to_owned()),
        None if service == Service::DirectorySync => (names.directory(), "#".to_owned()),
        None if service == Service::Scheduler => (names.jobs(), Names::SCHEDULED.to_owned()),
        None => (names.events(), "#".to_owned()),
    };
    QueuePlan {
        name: names.queue(service),
        arguments: arguments(&[
            ("x-delivery-limit", AMQPValue::LongLongInt(DELIVERY_LIMIT)),
            ("x-dead-letter-exchange", text(&names.dead())),
            ("x-dead-letter-routing-key", text(service.as_str())),
            ("x-dead-letter-strategy", text("at-least-once")),
            ("x-overflow", text("reject-publish")),
        ]),
        bindings: vec![source, (names.return_(), service.as_str().to_owned())],
    }
}

/// What waits for DefectDojo, and what the broker could not hand over.
fn upstream(names: &Names) -> [QueuePlan; 2] {
    const KEY: &str = "upstream";
    let waiting = QueuePlan {
        name: names.upstream(),
        arguments: arguments(&[
            ("x-delivery-limit", AMQPValue::LongLongInt(DELIVERY_LIMIT)),
            ("x-dead-letter-exchange", text(&names.dead())),
            ("x-dead-letter-routing-key", text(KEY)),
            ("x-dead-letter-strategy", text("at-least-once")),
            ("x-overflow", text("reject-publish")),
        ]),
        bindings: vec![(names.upstream(), "#".to_owned())],
    };
    let dead = QueuePlan {
        name: names.upstream_dead(),
        arguments: arguments(&[]),
        bindings: vec![(names.dead(), KEY.to_owned())],
    };
    [waiting, dead]
}

/// What the broker gave up for a service.
fn dead(names: &Names, service: Service) -> QueuePlan {
    QueuePlan {
        name: names.dead_queue(service),
        arguments: arguments(&[]),
        bindings: vec![(names.dead(), service.as_str().to_owned())],
    }
}

/// Where messages wait for their next attempt. At-least-once dead-lettering needs
/// reject-publish (RabbitMQ, "Quorum queues: dead lettering").
fn rung(names: &Names, service: Service, seconds: u32) -> QueuePlan {
    QueuePlan {
        name: names.rung(service, seconds),
        arguments: arguments(&[
            (
                "x-message-ttl",
                AMQPValue::LongLongInt(i64::from(seconds) * 1000),
            ),
            ("x-dead-letter-exchange", text(&names.return_())),
            ("x-dead-letter-routing-key", text(service.as_str())),
            ("x-dead-letter-strategy", text("at-least-once")),
            ("x-overflow", text("reject-publish")),
        ]),
        bindings: vec![(names.retry(), Names::rung_key(service, seconds))],
    }
}

fn arguments(more: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    table.insert("x-queue-type".into(), text("quorum"));
    for (name, value) in more {
        table.insert((*name).into(), value.clone());
    }
    table
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
