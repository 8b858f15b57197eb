//! Acknowledging: the finished prefix in one frame, single ones when the prefix is stuck.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use lapin::Channel;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use tokio::sync::mpsc;

/// How long a finished message waits for those before it.
const PATIENCE: Duration = Duration::from_millis(50);

/// The right to acknowledge one message. Dropped unused, the message is handed back to
/// the broker, which delivers it again.
#[derive(Debug)]
pub struct Ack {
    tag: u64,
    fate: Fate,
    report: mpsc::UnboundedSender<(u64, Fate)>,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is dealt with.
    Finished,
    /// It is to be delivered again.
    Back,
}

impl Ack {
    pub(crate) const fn new(tag: u64, report: mpsc::UnboundedSender<(u64, Fate)>) -> Self {
        Self {
            tag,
            fate: Fate::Back,
            report,
        }
    }

    /// The message is dealt with. If its session is gone meanwhile, the broker delivers
    /// it again, which the ledger notices.
    pub fn ack(mut self) {
        self.fate = Fate::Finished;
    }
}

impl Drop for Ack {
    fn drop(&mut self) {
        let _session_gone = self.report.send((self.tag, self.fate));
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
#[derive(Debug)]
pub struct AckWindow {
    /// How many finished ones may wait: the broker hands out nothing new for what it believes
    /// to be in work.
    most: usize,
    settled_up_to: u64,
    /// Finished beyond the prefix: when they finished; none once acknowledged singly.
    beyond: BTreeMap<u64, Option<Instant>>,
}

impl AckWindow {
    /// The window of a channel on which the broker hands out no more than `prefetch` messages
    /// that are not acknowledged; no finished one waits once most of them are.
    #[must_use]
    pub fn new(prefetch: u16) -> Self {
        let prefetch = usize::from(prefetch);
        Self {
            most: prefetch - prefetch / 4,
            settled_up_to: 0,
            beyond: BTreeMap::new(),
        }
    }

    /// Notes that a message is finished.
    pub fn finished(&mut self, tag: u64, now: Instant) {
        if tag > self.settled_up_to {
            self.beyond.entry(tag).or_insert(Some(now));
        }
    }

    /// Notes that a message was settled by itself, so that the prefix can pass it.
    pub fn settled_singly(&mut self, tag: u64) {
        if tag > self.settled_up_to {
            self.beyond.insert(tag, None);
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
        let full = self.waiting() >= self.most;
        for (tag, finished) in &mut self.beyond {
            if finished.is_some_and(|since| full || now.duration_since(since) >= PATIENCE) {
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

    fn waiting(&self) -> usize {
        self.beyond.values().flatten().count()
    }
}

/// Acknowledges and hands back on a channel until every [`Ack`] is gone, or the channel is.
pub(crate) async fn acknowledge(
    channel: Channel,
    prefetch: u16,
    mut reports: mpsc::UnboundedReceiver<(u64, Fate)>,
) {
    let mut window = AckWindow::new(prefetch);
    let mut batch = Vec::with_capacity(256);
    let mut open = true;
    while open || window.is_waiting() {
        let wait = if window.is_waiting() {
            PATIENCE
        } else {
            Duration::MAX
        };
        if open {
            let received = tokio::time::timeout(wait, reports.recv_many(&mut batch, 256)).await;
            open = received != Ok(0);
        } else {
            tokio::time::sleep(PATIENCE).await;
        }
        if let Err(error) = settle(&channel, &mut window, &mut batch).await {
            tracing::debug!(%error, "the session went before an acknowledgement; the broker delivers again");
            return;
        }
    }
}

async fn settle(
    channel: &Channel,
    window: &mut AckWindow,
    batch: &mut Vec<(u64, Fate)>,
) -> lapin::Result<()> {
    let now = Instant::now();
    for (tag, fate) in batch.drain(..) {
        match fate {
            Fate::Finished => window.finished(tag, now),
            Fate::Back => {
                channel
                    .basic_nack(
                        tag,
                        BasicNackOptions {
                            requeue: true,
                            multiple: false,
                        },
                    )
                    .await?;
                window.settled_singly(tag);
            }
        }
    }
    for Settle { tag, multiple } in window.settle(Instant::now()) {
        channel.basic_ack(tag, BasicAckOptions { multiple }).await?;
    }
    Ok(())
}
