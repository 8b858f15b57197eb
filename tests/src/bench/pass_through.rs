//! The limit of a router: messages passed from one queue to another as they are.
//!
//! Chunks of up to 64 ready messages, all publishes of a chunk started together, their
//! confirms awaited, one multiple acknowledgement. Two connections, as the services have.

use anyhow::{Context, Result};
use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;

use super::broker::{Broker, Route, publish, taken};

/// How many messages are passed on together at most.
const CHUNK: usize = 64;

/// How many unacknowledged messages are held at once.
const PREFETCH: u16 = 1000;

/// What is passed on where.
#[derive(Clone, Debug, clap::Args)]
pub struct PassThrough {
    /// The queue to read
    #[arg(long)]
    pub from: String,
    /// The queue to write
    #[arg(long)]
    pub to: String,
    /// How many copies of each message are written
    #[arg(long)]
    pub copies: usize,
}

impl PassThrough {
    /// Passes messages on for as long as there are any.
    ///
    /// # Errors
    /// If the broker goes away.
    pub async fn run(&self, url: &str) -> Result<()> {
        let (reader, writer) = tokio::try_join!(Broker::connect(url), Broker::connect(url))?;
        let route = Route {
            exchange: String::new(),
            key: self.to.clone(),
        };
        reader
            .channel()
            .basic_qos(PREFETCH, BasicQosOptions::default())
            .await?;
        let mut deliveries = reader
            .channel()
            .basic_consume(
                self.from.as_str().into(),
                "bench".into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await?;
        loop {
            let chunk = take(&mut deliveries).await?;
            let copies = chunk
                .iter()
                .flat_map(|delivery| std::iter::repeat_n(delivery, self.copies));
            let sends = copies.map(|delivery| publish(writer.channel(), &route, &delivery.data));
            for confirm in join_all(sends).await {
                taken(confirm?).await?;
            }
            if let Some(last) = chunk.last() {
                last.ack(BasicAckOptions { multiple: true }).await?;
            }
        }
    }
}

/// Waits for a message and takes those that are ready with it.
async fn take(deliveries: &mut lapin::Consumer) -> Result<Vec<Delivery>> {
    let mut chunk = Vec::with_capacity(CHUNK);
    chunk.push(deliveries.next().await.context("the queue is gone")??);
    while chunk.len() < CHUNK
        && let Some(Some(delivery)) = deliveries.next().now_or_never()
    {
        chunk.push(delivery?);
    }
    Ok(chunk)
}
