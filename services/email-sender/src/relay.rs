//! Connections to the relay, kept open between mails.
//!
//! Not lettre's own pool: it takes a connection back whose attempt was cut off in the midst
//! of a mail, and opens as many as are asked for. Here a connection goes back only when its
//! last answer has been read, and whoever finds none free waits.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::relay::{OpenError, RelayUrl, Way};
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::response::{Response, Severity};
use tokio::sync::Semaphore;

/// How long an unused connection is kept. RFC 5321, 4.5.3.2.7 lets servers hang up after
/// five minutes.
const KEEP: Duration = Duration::from_secs(60);

/// The relay, and the connections to it.
pub struct Relay {
    way: Way,
    /// One for each connection that may be open.
    slots: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// Why a mail was not taken.
#[derive(Debug)]
pub enum Refusal {
    /// There is no connection that mail could go over: not this mail's fault.
    Opening(OpenError),
    /// This mail was refused, or the connection broke under it.
    Sending(Error),
    /// Where the mail should have been taken, the relay asked for more.
    OutOfStep(Response),
}

impl Relay {
    /// A relay with at most so many connections; connects with the first mail.
    ///
    /// # Errors
    /// If TLS cannot be set up, e.g. because a certificate file holds none.
    pub fn new(url: &RelayUrl, extra_ca: Option<&[u8]>, connections: u32) -> anyhow::Result<Self> {
        Ok(Self {
            way: Way::new(url, extra_ca)?,
            slots: Semaphore::new(connections as usize),
            idle: Mutex::default(),
        })
    }

    /// Gives the relay a mail.
    ///
    /// # Errors
    /// If it was not taken.
    pub async fn send(&self, mail: &Message) -> Result<Response, Refusal> {
        // Never closed, so never refused.
        let _slot = self.slots.acquire().await;
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.way.open().await.map_err(Refusal::Opening)?,
        };
        // Cut off here, the connection is dropped and not kept: half a mail without its last
        // line is none (RFC 5321, 4.1.1.4).
        let answer = connection.send(mail.envelope(), &mail.formatted()).await;
        match answer {
            Ok(response) if response.code().severity != Severity::PositiveCompletion => {
                Err(Refusal::OutOfStep(response))
            }
            answer => {
                self.keep(connection);
                answer.map_err(Refusal::Sending)
            }
        }
    }

    /// A connection of before that still answers.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let Idle { mut connection, .. } = self.newest()?;
            if connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    /// Takes the connection that was used last, and drops those that nobody needed for long.
    fn newest(&self) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|idle| idle.since.elapsed() < KEEP);
        idle.pop()
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        if connection.has_broken() {
            return;
        }
        let since = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(Idle { connection, since });
    }
}
