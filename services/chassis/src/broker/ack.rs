//! Acknowledging: the finished prefix in one frame, single ones when the prefix is stuck.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use lapin::Channel;
use lapin::options::BasicAckOptions;
use tokio::sync::mpsc;

/// How long a finished message waits for those before it.
const PATIENCE: Duration = Duration::from_millis(50);

/// The right to acknowledge one message. Dropped unused, the broker delivers again.
#[derive(Debug)]
pub struct Ack {
    tag: u64,
    finished: mpsc::UnboundedSender<u64>,
}

impl Ack {
    pub(crate) const fn new(tag: u64, finished: mpsc::UnboundedSender<u64>) -> Self {
        Self { tag, finished }
    }

    /// The message is dealt with. If its session is gone meanwhile, the broker delivers
    /// it again, which the ledger notices.
    pub fn ack(self) {
        let _session_gone = self.finished.send(self.tag);
    }
}

/// One acknowledgement to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settle {
    /// The delivery tag.
    pub tag: u64,
    /// Whether everything before it is meant too.
    pub multiple: bool,
}

/// Which messages of a channel are finished, and which of those the broker knows of.
/// Delivery tags count from 1 without gaps (AMQP 0-9-1, 1.1 `delivery-tag`).
#[derive(Debug, Default)]
pub struct AckWindow {
    settled_up_to: u64,
    /// Finished beyond the prefix: when they finished; none once acknowledged singly.
    beyond: BTreeMap<u64, Option<Instant>>,
}

impl AckWindow {
    /// Notes that a message is finished.
    pub fn finished(&mut self, tag: u64, now: Instant) {
        if tag > self.settled_up_to {
            self.beyond.entry(tag).or_insert(Some(now));
        }
    }

    /// What to acknowledge now.
    pub fn settle(&mut self, now: Instant) -> Vec<Settle> {
        let mut settles = Vec::new();
        let mut last_unsettled = None;
        while let Some(finished) = self.beyond.remove(&(self.settled_up_to + 1)) {
            self.settled_up_to += 1;
            if finished.is_some() {
                last_unsettled = Some(self.settled_up_to);
            }
        }
        // A tag that was acknowledged singly must not be named again: it closes the channel.
        settles.extend(last_unsettled.map(|tag| Settle {
            tag,
            multiple: true,
        }));
        for (tag, finished) in &mut self.beyond {
            if finished.is_some_and(|since| now.duration_since(since) >= PATIENCE) {
                *finished = None;
                settles.push(Settle {
                    tag: *tag,
                    multiple: false,
                });
            }
        }
        settles
    }

    /// Whether a finished message still waits for those before it.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.beyond.values().any(Option::is_some)
    }
}

/// Acknowledges on a channel until every [`Ack`] is used or dropped, or the channel is gone.
pub(crate) async fn acknowledge(channel: Channel, mut finished: mpsc::UnboundedReceiver<u64>) {
    let mut window = AckWindow::default();
    let mut tags = Vec::with_capacity(256);
    let mut open = true;
    while open || window.is_waiting() {
        let wait = if window.is_waiting() {
            PATIENCE
        } else {
            Duration::MAX
        };
        if open {
            let received = tokio::time::timeout(wait, finished.recv_many(&mut tags, 256)).await;
            open = received != Ok(0);
        } else {
            tokio::time::sleep(PATIENCE).await;
        }
        let now = Instant::now();
        for tag in tags.drain(..) {
            window.finished(tag, now);
        }
        for Settle { tag, multiple } in window.settle(Instant::now()) {
            if let Err(error) = channel.basic_ack(tag, BasicAckOptions { multiple }).await {
                tracing::debug!(%error, "the session went before an acknowledgement; the broker delivers again");
                return;
            }
        }
    }
}
