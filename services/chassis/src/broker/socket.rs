//! The TCP connection below a session.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use lapin::tcp::OwnedTLSConfig;
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{AsyncTcpStream, Connection, ConnectionProperties};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long a TCP connection, and TLS on it, may take to come about.
const REACH: Duration = Duration::from_secs(10);

/// A hold on a connection, which hangs up when it is dropped.
///
/// By itself lapin waits without end for a peer that says nothing while a connection is
/// opened or closed, and may wait without end when the connection fails at a bad moment.
#[derive(Default)]
pub(super) struct Socket {
    stream: Arc<OnceLock<TcpStream>>,
    ended: CancellationToken,
}

impl Socket {
    /// Connects and logs in.
    pub(super) async fn connect(
        &self,
        uri: AMQPUri,
        properties: ConnectionProperties,
    ) -> lapin::Result<Connection> {
        let runtime = lapin::runtime::default_runtime()?;
        let held = Arc::clone(&self.stream);
        // lapin's thread owns the closure, and drops it when it ends.
        let running = self.ended.clone().drop_guard();
        Connection::connector(
            uri,
            runtime,
            async move |uri, runtime| {
                let _running = &running;
                let host = uri.authority.host.as_str();
                let reach = async {
                    let addresses = tokio::net::lookup_host((host, uri.authority.port)).await?;
                    let addresses: Vec<_> = addresses.collect();
                    let stream = AsyncTcpStream::connect(&runtime, addresses).await?;
                    if let AsyncTcpStream::Plain(tcp) = &stream {
                        let tcp = tcp.get_ref().as_fd().try_clone_to_owned()?;
                        // Set once: lapin's own recovery, which would connect again, is off.
                        let _already_set = held.set(tcp.into());
                    }
                    match uri.scheme {
                        AMQPScheme::AMQP => Ok(stream),
                        AMQPScheme::AMQPS => {
                            let config = OwnedTLSConfig::default();
                            stream.into_tls(host, config.as_ref()).await
                        }
                    }
                };
                let reached = timeout(REACH, reach).await.map_err(io::Error::from);
                Ok(reached.flatten()?)
            },
            properties,
        )
        .await
    }

    /// Waits for an answer, at most until the connection ends. What is ready comes first.
    pub(super) async fn unless_ended<T>(
        &self,
        work: impl Future<Output = lapin::Result<T>>,
    ) -> lapin::Result<T> {
        tokio::select! {
            biased;
            result = work => result,
            error = self.ended() => Err(error),
        }
    }

    /// Does work until the connection ends.
    pub(super) fn until_ended<W: Future>(
        &self,
        work: W,
    ) -> impl Future<Output = Option<W::Output>> + use<W> {
        self.ended.clone().run_until_cancelled_owned(work)
    }

    /// Waits until the connection has ended.
    pub(super) async fn ended(&self) -> lapin::Error {
        self.ended.cancelled().await;
        io::Error::from(ErrorKind::ConnectionAborted).into()
    }

    /// Ends the connection without a word: whatever waits on it fails at once.
    pub(super) fn hang_up(&self) {
        if let Some(stream) = self.stream.get() {
            let _already_closed = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.hang_up();
    }
}
