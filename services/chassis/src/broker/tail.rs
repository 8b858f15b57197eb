//! Reading along: copies of what is published to an exchange, which take nothing from anybody.

use futures_util::StreamExt as _;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};

use super::session::{BrokerError, Session};

/// How many messages are kept for a reader that is slower than the publishers; of more the
/// oldest are dropped, so that a forgotten terminal fills no broker.
const KEPT: i64 = 10_000;

/// Copies of what is published from now on. Its queue goes with the session.
pub struct Tail {
    session: Session,
    consumer: lapin::Consumer,
}

impl Session {
    /// Reads along with an exchange: what is published with one of these routing keys, which may
    /// hold wildcards. Needs the right to make a queue named by the broker.
    ///
    /// # Errors
    /// If there is no such exchange, or the broker refuses.
    pub async fn tail(self, exchange: &str, keys: &[String]) -> Result<Tail, BrokerError> {
        let channel = &self.channel;
        let options = QueueDeclareOptions {
            exclusive: true,
            auto_delete: true,
            ..Default::default()
        };
        let mut arguments = FieldTable::default();
        arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(KEPT));
        let declare = channel.queue_declare("".into(), options, arguments);
        let queue = self.step("make a queue to read along", declare).await?;
        for key in keys {
            let bind = channel.queue_bind(
                queue.name().clone(),
                exchange.into(),
                key.as_str().into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            );
            self.step(&format!("read along with exchange {exchange}"), bind)
                .await?;
        }
        let options = BasicConsumeOptions {
            no_ack: true,
            exclusive: true,
            ..Default::default()
        };
        let consume = channel.basic_consume(
            queue.name().clone(),
            "".into(),
            options,
            FieldTable::default(),
        );
        let consumer = self.step("read along", consume).await?;
        Ok(Tail {
            session: self,
            consumer,
        })
    }
}

impl Tail {
    /// The next message's body.
    ///
    /// # Errors
    /// If the connection ended.
    pub async fn next(&mut self) -> Result<Vec<u8>, BrokerError> {
        let ended = tokio::select! {
            delivery = self.consumer.next() => match delivery {
                Some(Ok(delivery)) => return Ok(delivery.data),
                Some(Err(error)) => error,
                None => self.session.ended().await,
            },
            error = self.session.ended() => error,
        };
        self.session.step("read along", async { Err(ended) }).await
    }
}
