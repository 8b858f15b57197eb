//! The address of a broker.

use std::str::FromStr;

use lapin::uri::AMQPUri;
use secrecy::{ExposeSecret, SecretString};

/// The address of a broker. Never shows its password.
#[derive(Clone)]
pub struct BrokerUrl {
    url: SecretString,
    shown: String,
    vhost: String,
}

impl BrokerUrl {
    /// The virtual host.
    #[must_use]
    pub fn vhost(&self) -> &str {
        &self.vhost
    }

    /// The parsed address, with a heartbeat of 6 s unless it names another: when either
    /// side is gone without a word, we notice within 15 s and RabbitMQ within 18 s. Frames
    /// are limited, since lapin sets aside room for 32 of the largest size.
    pub(crate) fn uri(&self) -> Result<AMQPUri, String> {
        let mut uri: AMQPUri = self.url.expose_secret().parse()?;
        uri.query.heartbeat.get_or_insert(6);
        uri.query.frame_max.get_or_insert(128 * 1024);
        Ok(uri)
    }
}

/// For handing the address to another process.
impl ExposeSecret<str> for BrokerUrl {
    fn expose_secret(&self) -> &str {
        self.url.expose_secret()
    }
}

impl FromStr for BrokerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The parser's own words may repeat the whole address.
        let uri: AMQPUri = text.parse().map_err(|_| {
            "not an AMQP address; the form is amqp[s]://user:password@host:port/vhost".to_owned()
        })?;
        let shown = format!(
            "{}://{}:{}/{}",
            uri.scheme, uri.authority.host, uri.authority.port, uri.vhost
        );
        Ok(Self {
            url: text.into(),
            shown,
            vhost: uri.vhost,
        })
    }
}

impl std::fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

impl std::fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}
