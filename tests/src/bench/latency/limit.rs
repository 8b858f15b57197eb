//! What the way is compared with: two queues and a request, with nothing of ours and no ledger.

use anyhow::Result;
use futures_util::StreamExt as _;
use lapin::options::{BasicAckOptions, BasicConsumeOptions};
use lapin::types::FieldTable;
use reqwest::header::CONTENT_TYPE;
use tokio::task::JoinSet;

use crate::bench::broker::{Broker, Route};
use crate::bench::http_receiver::ID;
use crate::bench::pass_through::PassThrough;

/// A way from a queue to a receiver, until it is closed.
pub(super) struct Limit {
    broker: Broker,
    queues: [String; 2],
    tasks: JoinSet<Result<()>>,
}

impl Limit {
    /// Opens the way to an address. `names` begin the names of its queues.
    pub(super) async fn open(broker_url: &str, names: &str, url: String) -> Result<Self> {
        let broker = Broker::connect(broker_url).await?;
        let queues = ["in", "out"].map(|end| format!("{names}.raw.{end}"));
        for queue in &queues {
            broker.declare(queue).await?;
        }
        let [from, to] = queues.clone();
        let last = to.clone();
        let passing = PassThrough {
            from,
            to,
            copies: 1,
        };
        let mut tasks = JoinSet::new();
        let at = broker_url.to_owned();
        tasks.spawn(async move { passing.run(&at).await });
        let at = broker_url.to_owned();
        tasks.spawn(async move { post(&at, &last, &url).await });
        Ok(Self {
            broker,
            queues,
            tasks,
        })
    }

    /// Why the way broke down, once it did.
    pub(super) async fn failure(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Ok(Err(error))) => error.context("the bare way broke down"),
            Some(Err(error)) => error.into(),
            Some(Ok(Ok(()))) | None => anyhow::anyhow!("the bare way ended"),
        }
    }

    pub(super) fn route(&self) -> Route {
        Route {
            exchange: String::new(),
            key: self.queues[0].clone(),
        }
    }

    pub(super) async fn close(mut self) -> Result<()> {
        self.tasks.shutdown().await;
        for queue in &self.queues {
            self.broker.delete(queue).await?;
        }
        Ok(())
    }
}

/// Sends each message of a queue to an address.
async fn post(broker_url: &str, queue: &str, url: &str) -> Result<()> {
    let broker = Broker::connect(broker_url).await?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut messages = broker
        .channel()
        .basic_consume(
            queue.into(),
            "bench".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        )
        .await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(ID, super::id(&message.data)?)
            .body(message.data.clone());
        request.send().await?.error_for_status()?.bytes().await?;
        message.ack(BasicAckOptions::default()).await?;
    }
    anyhow::bail!("the queue is gone")
}
