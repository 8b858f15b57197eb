//! Publishing with confirms, across losses of the session.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::batch::{self, Answer, Report};
use super::keeper::{Lost, Numbered, keep};
use super::message::{Outgoing, Sending};
use super::topology::Topology;
use crate::config::BrokerConfig;
use crate::metrics::Metrics;
use crate::reconnect::Reconnect;
use crate::start::Runtime;
use crate::trace::{Span, Tracer};

/// What the broker did with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// It is safe with the broker.
    Confirmed,
    /// No queue is bound for it.
    Unroutable,
    /// It can never be published, for example because it is larger than the broker takes;
    /// in the words of whoever refused it.
    Refused(String),
}

impl Published {
    /// Why it can never be published, if so.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        match self {
            Self::Refused(words) => Some(words),
            Self::Confirmed | Self::Unroutable => None,
        }
    }
}

/// The task that keeps the publishing session has ended, which only a fault does.
#[derive(Debug, thiserror::Error)]
#[error("the publishing side has ended; nothing can be published any more, restart the service")]
pub struct PublisherStopped;

/// The publishing side of a service. It connects by itself, and again after any loss.
#[derive(Clone)]
pub struct Publisher {
    sessions: watch::Receiver<Option<Arc<Numbered>>>,
    lost: mpsc::UnboundedSender<Lost>,
    metrics: Metrics,
    tracer: Tracer,
    /// Whether exchanges are somebody else's to declare.
    outside: bool,
    keeper: Arc<Keeper>,
}

/// The task that keeps the session. It ends with the last publisher.
struct Keeper(Option<JoinHandle<()>>);

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

impl Publisher {
    /// Starts the publishing side of a service, which makes sure that exchanges and queues
    /// are there.
    #[must_use]
    pub fn start(config: &BrokerConfig, runtime: &Runtime) -> Self {
        let topology = Topology::new(&config.broker_prefix, &config.retry_ladder);
        Self::keeping(config, runtime, Some(topology))
    }

    /// Starts publishing from outside: nothing is declared. What has no queue comes back as
    /// [`Published::Unroutable`], what has no exchange as [`Published::Refused`].
    #[must_use]
    pub fn outside(config: &BrokerConfig, runtime: &Runtime) -> Self {
        Self::keeping(config, runtime, None)
    }

    fn keeping(config: &BrokerConfig, runtime: &Runtime, topology: Option<Topology>) -> Self {
        let (announce, sessions) = watch::channel(None);
        let (lost, losses) = mpsc::unbounded_channel();
        let outside = topology.is_none();
        let keeper = keep(config.clone(), topology, runtime.clone(), announce, losses);
        Self {
            sessions,
            lost,
            metrics: runtime.metrics.clone(),
            tracer: runtime.tracer.clone(),
            outside,
            keeper: Arc::new(Keeper(Some(tokio::spawn(keeper)))),
        }
    }

    /// Closes the session, if this is the last publisher on it.
    pub async fn close(self) {
        let Self {
            sessions,
            lost,
            keeper,
            ..
        } = self;
        drop((sessions, lost));
        let task = Arc::into_inner(keeper).and_then(|mut keeper| keeper.0.take());
        if let Some(task) = task
            && task.await.is_err()
        {
            tracing::warn!("the publishing task failed while it was closed");
        }
    }

    /// Publishes messages together and waits until the broker has said something to each of
    /// them, across losses of the session: a message that may have been lost is published
    /// again, so its reader must know a copy by its id. The results are in the order of the
    /// messages.
    ///
    /// # Errors
    /// [`PublisherStopped`] after a fault of the publishing side.
    pub async fn publish(&self, messages: &[Outgoing]) -> Result<Vec<Published>, PublisherStopped> {
        let unsendable = |message: &Outgoing| message.unsendable().map(Published::Refused);
        let mut results: Vec<Option<Published>> = messages.iter().map(unsendable).collect();
        let spans = self.tracer.send(messages);
        let mut pauses = Reconnect::default();
        let mut alone = false;
        loop {
            let mut open: Vec<usize> = (0..messages.len())
                .filter(|index| results[*index].is_none())
                .collect();
            if open.is_empty() {
                break;
            }
            if alone {
                open.truncate(1);
            }
            let sending = |index: &usize| Sending {
                message: &messages[*index],
                span: spans.get(*index),
            };
            let batch: Vec<Sending<'_>> = open.iter().map(sending).collect();
            let Report { answers, lost } = self.attempt(&batch).await?;
            for (index, answer) in open.iter().zip(&answers) {
                results[*index] = match answer {
                    Some(Answer::Confirmed) => Some(Published::Confirmed),
                    Some(Answer::Unroutable) => Some(Published::Unroutable),
                    Some(Answer::Nacked) | None => None,
                };
            }
            if let Some(words) = lost.and_then(|loss| loss.refusal(self.outside)) {
                // Which one was meant shows when they go one by one.
                if let [only] = open[..] {
                    results[only] = Some(Published::Refused(words));
                }
                alone = true;
            }
            if open.iter().any(|index| results[*index].is_some()) {
                pauses = Reconnect::default();
            }
            if open.iter().any(|index| results[*index].is_none()) {
                tokio::time::sleep(pauses.delay()).await;
            }
        }
        let results: Vec<Published> = results.into_iter().flatten().collect();
        self.count(&results);
        tell(spans, &results);
        Ok(results)
    }

    /// Publishes on the session there is, or the next one, when it has a free channel.
    async fn attempt(&self, batch: &[Sending<'_>]) -> Result<Report, PublisherStopped> {
        let mut sessions = self.sessions.clone();
        let found = sessions.wait_for(Option::is_some).await;
        let current = found.map_err(|_| PublisherStopped)?.clone();
        let Numbered {
            number,
            session,
            lanes,
        } = &*current.ok_or(PublisherStopped)?;
        let lane = lanes.enter().await.ok_or(PublisherStopped)?;
        let unfinished = session.unfinished();
        let report = batch::publish(session, lane.channel(), batch).await;
        unfinished.done();
        self.count_answers(&report.answers);
        if let Some(loss) = &report.lost {
            let (number, why) = (*number, loss.to_string());
            let lost = self.lost.send(Lost { number, why });
            lost.map_err(|_| PublisherStopped)?;
            // The next batch goes on the next session.
            let replaced = |next: &Option<Arc<Numbered>>| {
                next.as_ref().is_none_or(|next| next.number > number)
            };
            sessions
                .wait_for(replaced)
                .await
                .map_err(|_| PublisherStopped)?;
        }
        Ok(report)
    }

    fn count_answers(&self, answers: &[Option<Answer>]) {
        let number = |wanted| answers.iter().filter(|answer| **answer == wanted).count() as u64;
        let (lost, nacked) = (number(None), number(Some(Answer::Nacked)));
        self.metrics
            .published
            .with_label_values(&["lost"])
            .inc_by(lost);
        self.metrics
            .published
            .with_label_values(&["nacked"])
            .inc_by(nacked);
        if nacked > 0 {
            tracing::warn!(
                messages = nacked,
                "the broker cannot take messages now (a queue is full, or has no leader); they are published again"
            );
        }
    }

    fn count(&self, results: &[Published]) {
        let count = |label: &str, number| {
            let published = self.metrics.published.with_label_values(&[label]);
            published.inc_by(number);
        };
        let mut confirmed = 0;
        for result in results {
            match result {
                Published::Confirmed => confirmed += 1,
                Published::Unroutable => count("unroutable", 1),
                Published::Refused(words) => {
                    tracing::error!(reason = words, "a message cannot be published");
                    count("refused", 1);
                }
            }
        }
        count("confirmed", confirmed);
    }
}

/// Ends the spans of messages with what the broker said.
fn tell(spans: Vec<Span>, results: &[Published]) {
    for (mut span, result) in spans.into_iter().zip(results) {
        match result {
            Published::Confirmed => {}
            Published::Unroutable => span.fail("unroutable", "no queue is bound for it"),
            Published::Refused(words) => span.fail("refused", words.clone()),
        }
    }
}
