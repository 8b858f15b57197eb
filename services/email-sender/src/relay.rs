//! Connections to the relay, kept open between mails.
//!
//! Not lettre's own pool: it takes a connection back whose attempt was cut off in the midst
//! of a mail, and opens as many as are asked for. Here a connection goes back only when its
//! last answer has been read, and whoever finds none free waits.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;

use crate::transport::{Login, RelayUrl, Security};

/// How long it may take until the relay takes a connection; everything after that is under
/// the attempt's own deadline.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);

/// How long an unused connection is kept. RFC 5321, 4.5.3.2.7 lets servers hang up after
/// five minutes.
const KEEP: Duration = Duration::from_secs(60);

/// The relay, and the connections to it.
pub struct Relay {
    host: String,
    port: u16,
    tls: Option<(Security, TlsParameters)>,
    login: Option<Credentials>,
    hello: ClientId,
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
    Opening(Error),
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
        let tls = match url.security {
            Security::Plain => None,
            security => Some((security, tls(&url.host, extra_ca)?)),
        };
        let login = url.login.as_ref().map(|Login { user, password }| {
            Credentials::new(user.clone(), password.expose_secret().to_owned())
        });
        Ok(Self {
            host: url.host.clone(),
            port: url.port,
            tls,
            login,
            hello: ClientId::default(),
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
            None => self.open().await.map_err(Refusal::Opening)?,
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

    async fn open(&self) -> Result<AsyncSmtpConnection, Error> {
        let wrapper = self.tls_for(Security::Implicit);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (self.host.as_str(), self.port),
            Some(CONNECT_WITHIN),
            &self.hello,
            wrapper,
            None,
        )
        .await?;
        if let Some(tls) = self.tls_for(Security::StartTls) {
            connection.starttls(tls, &self.hello).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }

    fn tls_for(&self, wanted: Security) -> Option<TlsParameters> {
        let (security, tls) = self.tls.as_ref()?;
        (*security == wanted).then(|| tls.clone())
    }
}

fn tls(host: &str, extra_ca: Option<&[u8]>) -> anyhow::Result<TlsParameters> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = extra_ca {
        builder = builder.add_root_certificate(
            Certificate::from_pem(pem).context("DD_EXTRA_CA_FILE holds no PEM certificates")?,
        );
    }
    builder.build().context("TLS for mail cannot be set up")
}
