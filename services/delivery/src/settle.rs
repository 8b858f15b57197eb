//! Writes down what became of messages, and uses them up.
//!
//! The order is what makes a crash harmless: the copy is confirmed before the ledger
//! says that there is one, and the ledger is committed before the message is gone.

use std::sync::Arc;
use std::time::Duration;

use chassis::broker::{Outgoing, Published, Publisher, PublisherStopped};
use chassis::health::Part;
use chassis::reconnect::{until_final, until_ok};
use proto_events::Reason;
use store::{Settlement, Store, StoreError};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::clerk::Clerk;
use crate::failure::FailureAlerts;
use crate::message::Origin;
use crate::metrics::Statement;
use crate::verdict::{Settled, Verdict};

/// How many outcomes are written down together at most.
const GROUP: usize = 256;

/// How long the first outcome waits for others: a statement costs more than its rows.
const GATHER: Duration = Duration::from_millis(2);

/// How long to wait before publishing a copy again for which no queue was bound.
const NO_ROUTE_PAUSE: Duration = Duration::from_secs(5);

/// Writes down what became of messages, in groups.
#[derive(Clone)]
pub(crate) struct Settling {
    pub(crate) clerk: Clerk,
    pub(crate) store: Store,
    pub(crate) database: Part,
    pub(crate) publisher: Publisher,
    /// Told when a line may move.
    pub(crate) lines: Arc<Notify>,
    pub(crate) failures: FailureAlerts,
}

impl Settling {
    /// Settles until the last sender of verdicts is gone.
    ///
    /// # Errors
    /// [`PublisherStopped`] after a fault of the publishing side; messages in hand stay
    /// unacknowledged and are delivered again.
    pub(crate) async fn run(
        mut self,
        mut verdicts: mpsc::Receiver<Settled>,
    ) -> Result<(), PublisherStopped> {
        let mut batch = Vec::with_capacity(GROUP);
        while verdicts.recv_many(&mut batch, GROUP).await > 0 {
            if batch.len() < GROUP {
                tokio::time::sleep(GATHER).await;
            }
            while batch.len() < GROUP
                && let Ok(settled) = verdicts.try_recv()
            {
                batch.push(settled);
            }
            let (mut copies, mut failures) = (Vec::new(), Vec::new());
            let mut each = Vec::with_capacity(batch.len());
            for (index, settled) in batch.iter().enumerate() {
                let consequence = self.clerk.consequence(settled);
                copies.extend(consequence.copy.map(|copy| (index, copy)));
                failures.extend(consequence.failure);
                each.push(consequence.settlement);
            }
            for (index, words) in self.publish(copies).await? {
                let reason = Reason::TooLarge;
                let detail = format!("the broker does not take it for another attempt: {words}");
                batch[index].verdict = Verdict::Dead { reason, detail };
                let consequence = self.clerk.consequence(&batch[index]);
                failures.extend(consequence.failure);
                each[index] = consequence.settlement;
            }
            self.failures.tell(failures).await?;
            self.clerk.metrics.grouped(Statement::Settle, each.len());
            self.write(each).await;
            for settled in batch.drain(..) {
                match settled.message.origin {
                    Origin::Queue(ack) => ack.ack(),
                    Origin::Line(_) => self.lines.notify_one(),
                }
            }
        }
        self.publisher.close().await;
        Ok(())
    }

    /// Publishes copies until they are confirmed; gives back which ones never can be, and why.
    async fn publish(
        &self,
        copies: Vec<(usize, Outgoing)>,
    ) -> Result<Vec<(usize, String)>, PublisherStopped> {
        let (mut places, mut copies): (Vec<usize>, Vec<Outgoing>) = copies.into_iter().unzip();
        let mut refused = Vec::new();
        while !copies.is_empty() {
            let results = self.publisher.publish(&copies).await?;
            let published = places.into_iter().zip(copies).zip(results);
            (places, copies) = (Vec::new(), Vec::new());
            for ((place, copy), result) in published {
                match result {
                    Published::Confirmed => {}
                    Published::Refused(words) => refused.push((place, words)),
                    Published::Unroutable => {
                        places.push(place);
                        copies.push(copy);
                    }
                }
            }
            if !copies.is_empty() {
                tracing::error!(
                    exchange = self.clerk.names.retry(),
                    messages = copies.len(),
                    "the retry ladder is not bound; run notifyctl topology apply"
                );
                tokio::time::sleep(NO_ROUTE_PAUSE).await;
            }
        }
        Ok(refused)
    }

    /// Writes until it is written: outcomes in hand are kept, and readiness says why. What
    /// the database refuses together is written one by one, so that a single row keeps no
    /// others back.
    async fn write(&self, each: Vec<Settlement>) {
        let mut together = Settlement::default();
        for one in &each {
            together.append(one.clone());
        }
        if self.written(&together).await.is_ok() {
            return;
        }
        for mut one in each {
            let Err(error) = self.written(&one).await else {
                continue;
            };
            tracing::error!(%error, "the database refuses an outcome; it is written without its texts");
            one.drop_texts();
            let never = CancellationToken::new();
            let not_kept = until_ok(&self.database, &never, || self.store.settle(&one)).await;
            self.count_not_kept(not_kept.unwrap_or(0));
        }
    }

    /// Writes until it is written or refused.
    async fn written(&self, settlement: &Settlement) -> Result<(), StoreError> {
        if settlement.is_empty() {
            return Ok(());
        }
        let never = CancellationToken::new();
        let written = until_final(&self.database, &never, StoreError::is_temporary, || {
            self.store.settle(settlement)
        });
        if let Some(written) = written.await {
            self.count_not_kept(written?);
        }
        Ok(())
    }

    fn count_not_kept(&self, count: usize) {
        if count > 0 {
            tracing::warn!(
                count,
                "given up and not kept: so many jobs of their endpoints lie in the dead letters already"
            );
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            self.clerk.metrics.not_kept.inc_by(count);
        }
    }
}
