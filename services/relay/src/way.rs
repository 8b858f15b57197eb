//! Opening a connection to the relay.

use std::time::Duration;

use anyhow::Context;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;

use crate::url::{Login, RelayUrl, Security};

/// How long it may take until the relay takes a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);

/// The way to the relay.
pub struct Way {
    host: String,
    port: u16,
    tls: Option<(Security, TlsParameters)>,
    login: Option<Credentials>,
    hello: ClientId,
}

impl Way {
    /// The way that an address names; connects nowhere yet.
    ///
    /// # Errors
    /// If TLS cannot be set up, e.g. because a certificate file holds none.
    pub fn new(url: &RelayUrl, extra_ca: Option<&[u8]>) -> anyhow::Result<Self> {
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
        })
    }

    /// Opens a connection over which mail can go.
    ///
    /// # Errors
    /// If the relay is away, its certificate is not trusted, or it refuses the login.
    pub async fn open(&self) -> Result<AsyncSmtpConnection, Error> {
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
