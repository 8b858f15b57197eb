//! Writes down what became of messages, and acknowledges them.
//!
//! The order is what makes a crash harmless: the copy is confirmed before the ledger
//! says that there is one, and the ledger is committed before the message is gone.

use std::time::Duration;

use chassis::broker::{Outgoing, Published, Publisher, PublisherStopped};
use chassis::health::Part;
use chassis::reconnect::until_ok;
use store::{DeadLetter, Finished, Store};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::verdict::{Clerk, Group, Settled};

/// How many outcomes are written down together at most.
const GROUP: usize = 256;

/// How long to wait before publishing a copy again for which no queue was bound.
const NO_ROUTE_PAUSE: Duration = Duration::from_secs(5);

/// Writes down what became of messages, in groups.
#[derive(Clone)]
pub(crate) struct Settling {
    pub(crate) clerk: Clerk,
    pub(crate) store: Store,
    pub(crate) database: Part,
    pub(crate) publisher: Publisher,
}

impl Settling {
    /// Settles until the last sender of verdicts is gone.
    ///
    /// # Errors
    /// [`PublisherStopped`] after a fault of the publishing side; messages in hand stay
    /// unacknowledged and are delivered again.
    pub(crate) async fn run(
        self,
        mut verdicts: mpsc::Receiver<Settled>,
    ) -> Result<(), PublisherStopped> {
        let mut batch = Vec::with_capacity(GROUP);
        while verdicts.recv_many(&mut batch, GROUP).await > 0 {
            let mut group = Group::default();
            for settled in &batch {
                self.clerk.add(settled, &mut group);
            }
            self.publish(group.copies).await?;
            self.write(&group.finished, &group.dead).await;
            for settled in batch.drain(..) {
                settled.message.ack.ack();
            }
        }
        self.publisher.close().await;
        Ok(())
    }

    async fn publish(&self, mut copies: Vec<Outgoing>) -> Result<(), PublisherStopped> {
        while !copies.is_empty() {
            let results = self.publisher.publish(&copies).await?;
            let mut results = results.into_iter();
            copies.retain(|_| results.next() == Some(Published::Unroutable));
            if !copies.is_empty() {
                tracing::error!(
                    exchange = self.clerk.names.retry(),
                    messages = copies.len(),
                    "the retry ladder is not bound; run notifyctl topology apply"
                );
                tokio::time::sleep(NO_ROUTE_PAUSE).await;
            }
        }
        Ok(())
    }

    /// Writes until it is written: outcomes in hand are kept, and readiness says why.
    async fn write(&self, finished: &[Finished], dead: &[DeadLetter]) {
        if finished.is_empty() && dead.is_empty() {
            return;
        }
        let never = CancellationToken::new();
        until_ok(&self.database, &never, || self.store.finish(finished, dead)).await;
    }
}
