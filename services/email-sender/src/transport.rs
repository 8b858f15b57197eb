//! The way to the relay, from `DD_EMAIL_URL`.

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// How long the relay may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// How a connection to the relay is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    Plain,
    /// STARTTLS, and no mail without it.
    StartTls,
    /// TLS from the first byte.
    Implicit,
}

/// `DD_EMAIL_URL`. Never shows its password.
#[derive(Clone)]
pub enum EmailUrl {
    /// Mail is only logged.
    Console,
    /// Mail goes to a relay.
    Relay {
        /// How the connection is secured.
        security: Security,
        /// The relay's name.
        host: String,
        /// Its port.
        port: u16,
        /// User and password, where the relay asks for them.
        login: Option<(String, SecretString)>,
    },
}

impl FromStr for EmailUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str =
            "the form is smtp[+tls|+ssl]://[user:password@]host[:port], or consolemail://";
        let url =
            Url::parse(text).map_err(|problem| format!("not an address ({problem}); {FORM}"))?;
        let (security, default_port) = match (url.scheme(), url.port()) {
            ("consolemail", _) => return Ok(Self::Console),
            ("smtp", _) => (Security::Plain, 25),
            // DefectDojo reads smtps as STARTTLS; everybody else means port 465 by it.
            ("smtp+ssl", _) | ("smtps", Some(465)) => (Security::Implicit, 465),
            ("smtp+tls" | "smtps", _) => (Security::StartTls, 587),
            // Not repeated: without a scheme this is whatever stands before the first colon.
            _ => return Err(format!("its scheme is no way to send mail; {FORM}")),
        };
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| format!("no host; {FORM}"))?;
        let login = if url.username().is_empty() {
            None
        } else {
            Some((
                decoded(url.username()),
                decoded(url.password().unwrap_or_default()).into(),
            ))
        };
        Ok(Self::Relay {
            security,
            host: host.to_owned(),
            port: url.port().unwrap_or(default_port),
            login,
        })
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

impl std::fmt::Debug for EmailUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Console => f.write_str("consolemail://"),
            Self::Relay {
                security,
                host,
                port,
                ..
            } => write!(f, "{host}:{port} ({security:?})"),
        }
    }
}

/// Connections to the relay, kept open between mails; none for the console.
///
/// # Errors
/// If TLS cannot be set up, e.g. because a certificate file holds none.
pub fn connect(
    url: &EmailUrl,
    extra_ca: Option<&[u8]>,
    connections: u32,
) -> anyhow::Result<Option<AsyncSmtpTransport<Tokio1Executor>>> {
    let EmailUrl::Relay {
        security,
        host,
        port,
        login,
    } = url
    else {
        return Ok(None);
    };
    let tls = || -> anyhow::Result<TlsParameters> {
        let mut builder = TlsParameters::builder(host.clone());
        if let Some(pem) = extra_ca {
            builder = builder.add_root_certificate(
                Certificate::from_pem(pem).context("DD_EXTRA_CA_FILE holds no PEM certificates")?,
            );
        }
        builder.build().context("TLS for mail cannot be set up")
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(*port)
        .timeout(Some(SILENCE))
        .tls(match security {
            Security::Plain => Tls::None,
            Security::StartTls => Tls::Required(tls()?),
            Security::Implicit => Tls::Wrapper(tls()?),
        })
        .pool_config(PoolConfig::new().max_size(connections));
    if let Some((user, password)) = login {
        builder = builder.credentials(Credentials::new(
            user.clone(),
            password.expose_secret().to_owned(),
        ));
    }
    Ok(Some(builder.build()))
}
