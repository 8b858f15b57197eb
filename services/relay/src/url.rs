//! The way to the relay, from `DD_EMAIL_URL`.

use std::str::FromStr;

use secrecy::SecretString;
use url::Url;

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
    Relay(RelayUrl),
}

/// Where the relay is, and what it asks for.
#[derive(Clone)]
pub struct RelayUrl {
    /// How the connection is secured.
    pub security: Security,
    /// The relay's name, or its IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Sent where one is given.
    pub login: Option<Login>,
}

/// A user of the relay.
#[derive(Clone)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: SecretString,
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
            Some(Login {
                user: decoded(url.username()),
                password: decoded(url.password().unwrap_or_default()).into(),
            })
        };
        Ok(Self::Relay(RelayUrl {
            security,
            // In an address IPv6 stands in brackets, for a resolver it does not.
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(default_port),
            login,
        }))
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
            Self::Relay(relay) => relay.fmt(f),
        }
    }
}

impl std::fmt::Debug for RelayUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} ({:?})", self.host, self.port, self.security)
    }
}
