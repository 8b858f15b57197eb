//! A broker under measurement, by lapin alone: nothing of ours may stand between a figure
//! and what it measures.

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::join_all;
use lapin::options::{
    BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions, QueueDeleteOptions,
    QueuePurgeOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};

/// How many messages are on their way at once while a queue is filled.
const WINDOW: usize = 256;

/// AMQP's delivery mode of a message that outlives the broker.
const PERSISTENT: u8 = 2;

/// A connection and its channel.
pub struct Broker {
    // Closes with the last of its parts.
    _connection: Connection,
    channel: Channel,
}

/// Where a message is published to.
#[derive(Clone, Debug)]
pub struct Route {
    /// The exchange; empty: the default one, whose keys are the queues' names.
    pub exchange: String,
    /// The routing key.
    pub key: String,
}

impl Broker {
    /// Connects.
    ///
    /// # Errors
    /// If the broker is away.
    pub async fn connect(url: &str) -> Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default())
            .await
            .context("no log-in at the broker")?;
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        Ok(Self {
            _connection: connection,
            channel,
        })
    }

    /// The channel, with confirms.
    #[must_use]
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Declares a quorum queue with the arguments that the services' queues have.
    ///
    /// # Errors
    /// If the broker refuses.
    pub async fn declare(&self, queue: &str) -> Result<()> {
        let mut arguments = FieldTable::default();
        for (name, value) in [
            ("x-queue-type", "quorum"),
            ("x-dead-letter-exchange", "amq.topic"),
            ("x-dead-letter-routing-key", "bench"),
            ("x-dead-letter-strategy", "at-least-once"),
            ("x-overflow", "reject-publish"),
        ] {
            arguments.insert(name.into(), AMQPValue::LongString(value.into()));
        }
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(100));
        let options = QueueDeclareOptions {
            durable: true,
            ..Default::default()
        };
        self.channel
            .queue_declare(queue.into(), options, arguments)
            .await
            .with_context(|| format!("cannot declare queue {queue}"))?;
        Ok(())
    }

    /// Deletes a queue and what is in it.
    ///
    /// # Errors
    /// If the broker is away.
    pub async fn delete(&self, queue: &str) -> Result<()> {
        self.channel
            .queue_delete(queue.into(), QueueDeleteOptions::default())
            .await?;
        Ok(())
    }

    /// Empties a queue.
    ///
    /// # Errors
    /// If there is no such queue.
    pub async fn purge(&self, queue: &str) -> Result<()> {
        self.channel
            .queue_purge(queue.into(), QueuePurgeOptions::default())
            .await
            .with_context(|| format!("cannot empty queue {queue}"))?;
        Ok(())
    }

    /// How many messages wait in a queue.
    ///
    /// # Errors
    /// If there is no such queue.
    pub async fn depth(&self, queue: &str) -> Result<u64> {
        let options = QueueDeclareOptions {
            passive: true,
            ..Default::default()
        };
        let found = self
            .channel
            .queue_declare(queue.into(), options, FieldTable::default())
            .await
            .with_context(|| format!("cannot look at queue {queue}"))?;
        Ok(found.message_count().into())
    }

    /// Publishes every body, persistent, and waits until the broker has them.
    ///
    /// # Errors
    /// If one was not taken.
    pub async fn fill(&self, route: &Route, bodies: &[Vec<u8>]) -> Result<()> {
        for window in bodies.chunks(WINDOW) {
            let sends = window
                .iter()
                .map(|body| publish(&self.channel, route, body));
            for confirm in join_all(sends).await {
                let confirmation = confirm?.await?;
                ensure!(
                    confirmation == Confirmation::Ack(None),
                    "a message was not taken: {confirmation:?}"
                );
            }
        }
        Ok(())
    }
}

/// Starts to publish a message, persistent and mandatory.
///
/// # Errors
/// If the connection is gone.
pub async fn publish(
    channel: &Channel,
    route: &Route,
    body: &[u8],
) -> lapin::Result<lapin::PublisherConfirm> {
    channel
        .basic_publish(
            route.exchange.as_str().into(),
            route.key.as_str().into(),
            BasicPublishOptions {
                mandatory: true,
                ..Default::default()
            },
            body,
            BasicProperties::default().with_delivery_mode(PERSISTENT),
        )
        .await
}

/// Waits for the broker to have taken a message.
///
/// # Errors
/// If it did not.
pub async fn taken(confirm: lapin::PublisherConfirm) -> Result<()> {
    match confirm.await? {
        Confirmation::Ack(None) => Ok(()),
        other => bail!("a message was not taken: {other:?}"),
    }
}
