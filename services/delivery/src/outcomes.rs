//! The way of outcomes from attempts to the tasks that write them down.

use std::time::Duration;

use anyhow::Context;
use chassis::broker::PublisherStopped;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::settle::Settling;
use crate::verdict::Settled;

/// How many outcomes wait to be written down before attempts wait for that.
const WAITING: usize = 1024;

/// Where outcomes go in. Those with a copy for the ladder go apart, so that a broker that takes
/// no copies does not hold up what needs none.
pub(crate) struct Outcomes {
    without_copy: mpsc::Sender<Settled>,
    with_copy: mpsc::Sender<Settled>,
}

/// The tasks that write outcomes down.
pub(crate) struct Settlers {
    without_copy: JoinHandle<Result<(), PublisherStopped>>,
    with_copy: JoinHandle<Result<(), PublisherStopped>>,
}

impl Outcomes {
    /// Passes on what is to be done with a message.
    pub(crate) async fn settle(&self, settled: Settled) {
        let way = if settled.needs_copy() {
            &self.with_copy
        } else {
            &self.without_copy
        };
        if way.send(settled).await.is_err() {
            tracing::error!(
                "an outcome could not be written down because the settling task has ended; the broker delivers again"
            );
        }
    }
}

impl Settlers {
    /// Starts them. They end when [`Outcomes`] is dropped and all that went in is written.
    pub(crate) fn start(settling: Settling) -> (Outcomes, Self) {
        let (without_copy, plain) = mpsc::channel(WAITING);
        let (with_copy, copied) = mpsc::channel(WAITING);
        let settlers = Self {
            without_copy: tokio::spawn(settling.clone().run(plain)),
            with_copy: tokio::spawn(settling.run(copied)),
        };
        let outcomes = Outcomes {
            without_copy,
            with_copy,
        };
        (outcomes, settlers)
    }

    /// Until one of them ends, which none should while there is work.
    ///
    /// # Errors
    /// If it broke down.
    pub(crate) async fn end(&mut self) -> anyhow::Result<()> {
        let ended = tokio::select! {
            ended = &mut self.without_copy => ended,
            ended = &mut self.with_copy => ended,
        };
        Ok(ended.context("the settling task failed")??)
    }

    /// Waits until both have written what went in, and stops those that take longer.
    ///
    /// # Errors
    /// If one broke down.
    pub(crate) async fn finish(mut self, patience: Duration) -> anyhow::Result<()> {
        let both = async { tokio::try_join!(&mut self.without_copy, &mut self.with_copy) };
        if let Ok(ended) = tokio::time::timeout(patience, both).await {
            let (plain, copied) = ended.context("the settling task failed")?;
            return Ok(plain.and(copied)?);
        }
        tracing::warn!(
            "outcomes could not be written down before the end; the broker delivers those messages again"
        );
        self.without_copy.abort();
        self.with_copy.abort();
        Ok(())
    }
}
