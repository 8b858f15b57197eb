//! One connection and its channel.

use std::time::Duration;

use lapin::{Channel, Connection, ConnectionProperties};

use super::socket::Socket;
use super::topology::Topology;
use crate::config::{BrokerConfig, TopologyMode};

/// How long a step of setting up a session may take.
const STEP: Duration = Duration::from_secs(15);

/// Why there is no session with the broker, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The broker refused, or the connection failed.
    #[error("broker {address}: cannot {action}: {cause}")]
    Refused {
        /// The broker's address without credentials.
        address: String,
        /// What was tried.
        action: String,
        /// What lapin says.
        cause: lapin::Error,
    },
    /// The broker did not answer.
    #[error("broker {address}: no answer within {} s to: {action}", STEP.as_secs())]
    Silent {
        /// The broker's address without credentials.
        address: String,
        /// What was tried.
        action: String,
    },
    /// The address cannot be used.
    #[error("broker {address}: the address cannot be used: {problem}")]
    Address {
        /// The broker's address without credentials.
        address: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// A connection with one channel on it. Dropped, it hangs up.
pub struct Session {
    address: String,
    socket: Socket,
    pub(crate) connection: Connection,
    pub(crate) channel: Channel,
}

impl Session {
    /// Connects and opens a channel. `name` is what the broker's operators see.
    ///
    /// # Errors
    /// [`BrokerError`] if the broker refuses or does not answer.
    pub async fn open(config: &BrokerConfig, name: &str) -> Result<Self, BrokerError> {
        let address = config.broker_url.to_string();
        let uri = config
            .broker_url
            .uri()
            .map_err(|problem| BrokerError::Address {
                address: address.clone(),
                problem,
            })?;
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let socket = Socket::default();
        // On the heap, since lapin's future is large and everybody's holds it.
        let connect = Box::pin(socket.connect(uri, properties));
        let connection = step(&socket, &address, "connect", connect).await?;
        let channel = step(
            &socket,
            &address,
            "open a channel",
            connection.create_channel(),
        )
        .await?;
        Ok(Self {
            address,
            socket,
            connection,
            channel,
        })
    }

    /// Opens a session and makes sure that the exchanges and queues of a topology, if one
    /// is given, are there, as [`TopologyMode`] says.
    ///
    /// # Errors
    /// [`BrokerError`] naming the exchange or queue at fault.
    pub async fn open_with_topology(
        config: &BrokerConfig,
        name: &str,
        topology: Option<&Topology>,
    ) -> Result<Self, BrokerError> {
        let session = Self::open(config, name).await?;
        match (topology, config.broker_topology) {
            (Some(topology), TopologyMode::Apply) => topology.apply(&session).await?,
            (Some(topology), TopologyMode::Check) => topology.check(&session).await?,
            (None, _) => {}
        }
        Ok(session)
    }

    pub(crate) async fn step<T>(
        &self,
        action: &str,
        work: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, BrokerError> {
        step(&self.socket, &self.address, action, work).await
    }

    /// Waits for an answer, at most until the connection ends.
    pub(crate) async fn unless_ended<T>(
        &self,
        work: impl Future<Output = lapin::Result<T>>,
    ) -> lapin::Result<T> {
        self.socket.unless_ended(work).await
    }

    /// Waits until the connection has ended.
    pub(crate) async fn ended(&self) -> lapin::Error {
        self.socket.ended().await
    }

    /// To be held while something is under way that must not be left half done on the session.
    pub(crate) const fn unfinished(&self) -> Unfinished<'_> {
        Unfinished(self)
    }

    /// Does work until the connection ends.
    pub(crate) fn until_ended<W: Future>(
        &self,
        work: W,
    ) -> impl Future<Output = Option<W::Output>> + use<W> {
        self.socket.until_ended(work)
    }

    /// Gives the session up: whatever waits on it fails at once.
    pub(crate) fn hang_up(&self) {
        self.socket.hang_up();
    }

    /// Closes the connection; a broker that does not answer is left behind.
    pub async fn close(self) {
        let closed = self
            .step(
                "close the connection",
                self.connection.close(200, "done".into()),
            )
            .await;
        if let Err(error) = closed {
            tracing::debug!(%error, "the connection was gone before it was closed");
        }
    }
}

/// Gives the session up when it is dropped before it is done.
pub(crate) struct Unfinished<'a>(&'a Session);

impl Unfinished<'_> {
    pub(crate) const fn done(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.hang_up();
    }
}

async fn step<T>(
    socket: &Socket,
    address: &str,
    action: &str,
    work: impl Future<Output = lapin::Result<T>>,
) -> Result<T, BrokerError> {
    match tokio::time::timeout(STEP, socket.unless_ended(work)).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(cause)) => Err(BrokerError::Refused {
            address: address.to_owned(),
            action: action.to_owned(),
            cause,
        }),
        Err(_) => Err(BrokerError::Silent {
            address: address.to_owned(),
            action: action.to_owned(),
        }),
    }
}
