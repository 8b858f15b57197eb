//! Opening a connection to the relay.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters,
};
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use secrecy::ExposeSecret;
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use crate::bounded::Bounded;
use crate::url::{Login, RelayUrl, Security};

/// How long one of the relay's addresses may take until there is a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How long TLS from the first byte may take to begin.
const ENCRYPT_WITHIN: Duration = Duration::from_secs(10);

const NO_CERTIFICATES: &str = "DD_EXTRA_CA_FILE holds no PEM certificates";

/// The way to the relay.
pub struct Way {
    host: String,
    port: u16,
    tls: Tls,
    login: Option<Credentials>,
    hello: ClientId,
}

/// How a connection is encrypted. lettre encrypts a stream that is not its own only after
/// STARTTLS, so TLS from the first byte is set up here.
enum Tls {
    Never,
    /// After STARTTLS.
    Upgrade(TlsParameters),
    /// From the first byte.
    Implicit(TlsConnector, ServerName<'static>),
}

/// Why no connection could be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The relay is away, or its certificate is not trusted.
    #[error("no connection to the relay")]
    Connecting(#[source] io::Error),
    /// It does not speak with us: greeting, STARTTLS or login.
    #[error(transparent)]
    Speaking(Error),
}

impl Way {
    /// The way that an address names; connects nowhere yet.
    ///
    /// # Errors
    /// If TLS cannot be set up, e.g. because a certificate file holds none.
    pub fn new(url: &RelayUrl, extra_ca: Option<&[u8]>) -> anyhow::Result<Self> {
        let tls = match url.security {
            Security::Plain => Tls::Never,
            Security::StartTls => Tls::Upgrade(parameters(&url.host, extra_ca)?),
            Security::Implicit => {
                let name = ServerName::try_from(url.host.clone()).with_context(|| {
                    format!(
                        "DD_EMAIL_URL names {}, which no certificate can name",
                        url.host
                    )
                })?;
                Tls::Implicit(connector(extra_ca)?, name)
            }
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
        })
    }

    /// Opens a connection over which mail can go.
    ///
    /// # Errors
    /// If the relay is away, its certificate is not trusted, or it refuses the login.
    pub async fn open(&self) -> Result<AsyncSmtpConnection, OpenError> {
        let stream = self.connect().await.map_err(OpenError::Connecting)?;
        self.speak(stream).await.map_err(OpenError::Speaking)
    }

    /// The stream on which SMTP is spoken.
    async fn connect(&self) -> io::Result<Box<dyn AsyncTokioStream>> {
        let addresses = lookup_host((self.host.as_str(), self.port)).await?;
        let (stream, peer) = first(addresses).await?;
        // A command and its answer take turns: nothing is gained by waiting for more to send.
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            Tls::Implicit(connector, name) => {
                let encrypting = connector.connect(name.clone(), stream);
                let stream = within(ENCRYPT_WITHIN, encrypting).await?;
                Box::new(Bounded::new(stream, peer))
            }
            Tls::Never | Tls::Upgrade(_) => Box::new(Bounded::new(stream, peer)),
        })
    }

    async fn speak(&self, stream: Box<dyn AsyncTokioStream>) -> Result<AsyncSmtpConnection, Error> {
        let mut connection =
            AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await?;
        if let Tls::Upgrade(tls) = &self.tls {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }
}

/// A connection to the first address that takes one: where a relay has several, some may be away.
async fn first(addresses: impl Iterator<Item = SocketAddr>) -> io::Result<(TcpStream, SocketAddr)> {
    let mut failed = io::Error::other("the name has no address");
    for address in addresses {
        match within(CONNECT_WITHIN, TcpStream::connect(address)).await {
            Ok(stream) => return Ok((stream, address)),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

async fn within<T>(time: Duration, what: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let done = tokio::time::timeout(time, what).await;
    done.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// TLS from the first byte, trusting what the system trusts and the extra authorities.
fn connector(extra_ca: Option<&[u8]>) -> anyhow::Result<TlsConnector> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for certificate in authorities(extra_ca)? {
        roots.add(certificate).context(NO_CERTIFICATES)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("TLS for mail cannot be set up")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// TLS after STARTTLS, trusting the same.
fn parameters(host: &str, extra_ca: Option<&[u8]>) -> anyhow::Result<TlsParameters> {
    let mut builder = TlsParameters::builder(host.to_owned());
    for certificate in authorities(extra_ca)? {
        let certificate = Certificate::from_der(certificate.to_vec()).context(NO_CERTIFICATES)?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().context("TLS for mail cannot be set up")
}

fn authorities(pem: Option<&[u8]>) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let Some(pem) = pem else {
        return Ok(Vec::new());
    };
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .context(NO_CERTIFICATES)?;
    anyhow::ensure!(!certificates.is_empty(), NO_CERTIFICATES);
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn the_next_address_is_tried_where_one_takes_no_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        // Nobody listens at port 1.
        let away = SocketAddr::from(([127, 0, 0, 1], 1));
        let (_, taken) = first([away, here].into_iter()).await.unwrap();
        assert_eq!(taken, here);
        assert!(first([away].into_iter()).await.is_err());
        assert!(first(std::iter::empty()).await.is_err());
    }

    #[test]
    fn a_file_of_authorities_without_certificates_is_refused() {
        for text in ["", "no PEM"] {
            let refused = authorities(Some(text.as_bytes())).unwrap_err();
            assert_eq!(refused.to_string(), NO_CERTIFICATES);
        }
        assert!(authorities(None).unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_says_nothing_costs_ten_seconds() {
        let never = within(CONNECT_WITHIN, std::future::pending::<io::Result<()>>()).await;
        assert_eq!(never.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
