//! Publishing with confirms, across losses of the session.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{Stream, StreamExt};
use lapin::options::BasicPublishOptions;
use lapin::{Confirmation, PublisherConfirm};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::message::Outgoing;
use super::session::Session;
use super::topology::Topology;
use crate::config::BrokerConfig;
use crate::reconnect::{Reconnect, until_ok};
use crate::start::Runtime;

const SIDE: &[&str] = &["publish"];

/// How long the broker may take over one message while it is not blocked by an alarm.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the broker did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// It is safe with the broker.
    Confirmed,
    /// No queue is bound for it.
    Unroutable,
}

/// The task that keeps the publishing session has ended, which only a fault does.
#[derive(Debug, thiserror::Error)]
#[error("the publishing side has ended; nothing can be published any more, restart the service")]
pub struct PublisherStopped;

/// The publishing side of a service. It connects by itself, and again after any loss.
#[derive(Clone)]
pub struct Publisher {
    sessions: watch::Receiver<Option<Arc<Numbered>>>,
    lost: mpsc::UnboundedSender<u64>,
    runtime: Runtime,
    turn: Arc<Mutex<()>>,
    keeper: Arc<Keeper>,
}

/// A session with its number, so that a late complaint about an old one does no harm.
struct Numbered {
    number: u64,
    session: Session,
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

    /// Starts publishing from outside: nothing is declared, and what has no queue comes
    /// back as [`Published::Unroutable`].
    #[must_use]
    pub fn outside(config: &BrokerConfig, runtime: &Runtime) -> Self {
        Self::keeping(config, runtime, None)
    }

    fn keeping(config: &BrokerConfig, runtime: &Runtime, topology: Option<Topology>) -> Self {
        let (announce, sessions) = watch::channel(None);
        let (lost, losses) = mpsc::unbounded_channel();
        let keeper = keep(config.clone(), topology, runtime.clone(), announce, losses);
        Self {
            sessions,
            lost,
            runtime: runtime.clone(),
            turn: Arc::default(),
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

    /// Publishes messages together and waits until the broker has each of them, across
    /// losses of the session: a message that may have been lost is published again, so
    /// its reader must know a copy by its id. The results are in the order of the messages.
    ///
    /// # Errors
    /// [`PublisherStopped`] after a fault of the publishing side.
    pub async fn publish(&self, messages: &[Outgoing]) -> Result<Vec<Published>, PublisherStopped> {
        let mut results: Vec<Option<Published>> = vec![None; messages.len()];
        let mut retry = Reconnect::default();
        loop {
            let open: Vec<usize> = (0..messages.len())
                .filter(|index| results[*index].is_none())
                .collect();
            if open.is_empty() {
                return Ok(results.into_iter().flatten().collect());
            }
            let current = self.session().await?;
            let complete = self
                .attempt(&current.session, messages, &open, &mut results)
                .await;
            if !complete {
                self.lost
                    .send(current.number)
                    .map_err(|_| PublisherStopped)?;
                tokio::time::sleep(retry.delay()).await;
            }
        }
    }

    /// Waits until there is a session.
    async fn session(&self) -> Result<Arc<Numbered>, PublisherStopped> {
        let mut sessions = self.sessions.clone();
        let session = sessions
            .wait_for(Option::is_some)
            .await
            .map_err(|_| PublisherStopped)?;
        session.clone().ok_or(PublisherStopped)
    }

    /// Publishes the open ones on one session; false if some were not confirmed.
    async fn attempt(
        &self,
        session: &Session,
        messages: &[Outgoing],
        open: &[usize],
        results: &mut [Option<Published>],
    ) -> bool {
        // lapin hangs a returned message on whichever confirm comes next, so one batch goes
        // at a time, and what came back is known by its id.
        let _turn = self.turn.lock().await;
        let sends = open
            .iter()
            .map(|index| patiently(session, send(session, &messages[*index])));
        let mut confirmed = Vec::with_capacity(open.len());
        let mut returned = HashSet::new();
        for (index, confirm) in open.iter().zip(join_all(sends).await) {
            let Some(confirm) = confirm else { break };
            match patiently(session, confirm).await {
                Some(Confirmation::Ack(None) | Confirmation::NotRequested) => {}
                Some(Confirmation::Ack(Some(back))) => {
                    let id = back
                        .properties
                        .message_id()
                        .as_ref()
                        .map(ToString::to_string);
                    returned.insert((id.unwrap_or_default(), back.routing_key.to_string()));
                }
                Some(Confirmation::Nack(_)) | None => break,
            }
            confirmed.push(*index);
        }
        let published = &self.runtime.metrics.published;
        if confirmed.len() < open.len() {
            // What came back may hang on a confirm that never came: all go again.
            published
                .with_label_values(&["lost"])
                .inc_by(open.len() as u64);
            return false;
        }
        for index in confirmed {
            let message = &messages[index];
            let is_back =
                returned.contains(&(message.wire_id().to_string(), message.routing_key.clone()));
            let (result, label) = if is_back {
                (Published::Unroutable, "unroutable")
            } else {
                (Published::Confirmed, "confirmed")
            };
            results[index] = Some(result);
            published.with_label_values(&[label]).inc();
        }
        true
    }
}

async fn send(session: &Session, message: &Outgoing) -> lapin::Result<PublisherConfirm> {
    session
        .channel
        .basic_publish(
            message.exchange.as_str().into(),
            message.routing_key.as_str().into(),
            BasicPublishOptions {
                mandatory: true,
                ..Default::default()
            },
            &message.body,
            message.properties(),
        )
        .await
}

/// Waits for the broker; a connection that an alarm blocks is given all the time it
/// needs, any other is lost after [`PATIENCE`]. None if the session is of no more use.
async fn patiently<T>(
    session: &Session,
    work: impl Future<Output = lapin::Result<T>>,
) -> Option<T> {
    tokio::pin!(work);
    loop {
        match tokio::time::timeout(PATIENCE, &mut work).await {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a publish failed with its session");
                return None;
            }
            Err(_) if session.connection.status().blocked() => {}
            Err(_) => return None,
        }
    }
}

/// Keeps a session open for the publishers: opens it, announces it, and opens another
/// when it fails or a publisher says that it is lost.
async fn keep(
    config: BrokerConfig,
    topology: Option<Topology>,
    runtime: Runtime,
    announce: watch::Sender<Option<Arc<Numbered>>>,
    mut losses: mpsc::UnboundedReceiver<u64>,
) {
    let part = runtime.health.part("broker (publish)");
    let name = format!("{} publish", runtime.name);
    let connected = runtime.metrics.broker_connected.with_label_values(SIDE);
    let never = CancellationToken::new();
    let mut number = 0;
    loop {
        let opened = until_ok(&part, &never, || async {
            Session::open_with_topology(&config, &name, topology.as_ref())
                .await?
                .with_confirms()
                .await
        });
        let Some(session) = opened.await else { return };
        connected.set(1);
        runtime
            .metrics
            .broker_sessions
            .with_label_values(SIDE)
            .inc();
        number += 1;
        let mut events = Box::pin(session.connection.events_listener());
        announce.send_replace(Some(Arc::new(Numbered { number, session })));
        let lost = wait_for_loss(&mut events, &mut losses, number).await;
        let session = announce.send_replace(None);
        connected.set(0);
        let Some(why) = lost else {
            if let Some(session) = session.and_then(Arc::into_inner) {
                session.session.close().await;
            }
            return;
        };
        part.down(format!("the session was lost: {why}"));
    }
}

/// Waits until the session is of no more use and says why; none when no publisher is left.
async fn wait_for_loss(
    events: &mut (impl Stream<Item = lapin::Event> + Unpin),
    losses: &mut mpsc::UnboundedReceiver<u64>,
    number: u64,
) -> Option<String> {
    loop {
        tokio::select! {
            lost = losses.recv() => match lost {
                Some(lost) if lost < number => {}
                Some(_) => return Some("a message was not confirmed".to_owned()),
                None => return None,
            },
            event = events.next() => match event {
                Some(lapin::Event::Error(error)) => return Some(error.to_string()),
                Some(lapin::Event::ConnectionBlocked(reason)) => {
                    tracing::warn!(reason, "the broker blocks publishing (an alarm); waiting, nothing is lost");
                }
                Some(lapin::Event::ConnectionUnblocked) => tracing::info!("the broker no longer blocks publishing"),
                Some(_) => {}
                None => return Some("the connection ended".to_owned()),
            },
        }
    }
}
