//! The publishing session: opened, watched, and opened again.

use std::sync::Arc;

use futures_util::{Stream, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::lanes::Lanes;
use super::session::{BrokerError, Session};
use super::topology::Topology;
use crate::config::BrokerConfig;
use crate::reconnect::until_ok;
use crate::start::Runtime;

const SIDE: &[&str] = &["publish"];

/// A session with its number, so that a late complaint about an old one does no harm.
pub(super) struct Numbered {
    pub(super) number: u64,
    pub(super) session: Session,
    pub(super) lanes: Lanes,
}

/// A session that is of no more use, and why.
pub(super) struct Lost {
    pub(super) number: u64,
    pub(super) why: String,
}

/// Keeps a session open for the publishers: opens it, announces it, and opens another
/// when it fails or a publisher says that it is lost.
pub(super) async fn keep(
    config: BrokerConfig,
    topology: Option<Topology>,
    runtime: Runtime,
    announce: watch::Sender<Option<Arc<Numbered>>>,
    mut losses: mpsc::UnboundedReceiver<Lost>,
) {
    let part = runtime.health.part("broker (publish)");
    let name = format!("{} publish", runtime.name);
    let connected = runtime.metrics.broker_connected.with_label_values(SIDE);
    let sessions = runtime.metrics.broker_sessions.with_label_values(SIDE);
    let never = CancellationToken::new();
    for number in 1.. {
        let open = async || -> Result<_, BrokerError> {
            let session = Session::open_with_topology(&config, &name, topology.as_ref()).await?;
            Ok((Lanes::open(&session).await?, session))
        };
        let session = tokio::select! {
            session = until_ok(&part, &never, open) => session,
            () = unused(&mut losses) => None,
        };
        let Some((lanes, session)) = session else {
            return;
        };
        connected.set(1);
        sessions.inc();
        let current = Arc::new(Numbered {
            number,
            session,
            lanes,
        });
        let session = &current.session;
        let mut events = Box::pin(session.connection.events_listener());
        announce.send_replace(Some(Arc::clone(&current)));
        let lost = wait_for_loss(&current, &mut events, &mut losses).await;
        announce.send_replace(None);
        connected.set(0);
        let Some(why) = lost else {
            if let Some(Numbered { session, .. }) = Arc::into_inner(current) {
                session.close().await;
            }
            return;
        };
        session.hang_up();
        part.down(format!("the session was lost: {why}"));
    }
}

/// Waits until no publisher is left.
async fn unused(losses: &mut mpsc::UnboundedReceiver<Lost>) {
    // What is said while there is no session is about an old one.
    while losses.recv().await.is_some() {}
}

/// Waits until the session is of no more use and says why; none when no publisher is left.
async fn wait_for_loss(
    Numbered {
        number, session, ..
    }: &Numbered,
    events: &mut (impl Stream<Item = lapin::Event> + Unpin),
    losses: &mut mpsc::UnboundedReceiver<Lost>,
) -> Option<String> {
    loop {
        tokio::select! {
            biased;
            lost = losses.recv() => match lost {
                Some(lost) if lost.number < *number => {}
                lost => return lost.map(|lost| lost.why),
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
            error = session.ended() => return Some(error.to_string()),
        }
    }
}
