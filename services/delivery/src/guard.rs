//! Where webhooks may go: an endpoint's address is somebody's input, and a request to it comes
//! from inside our network (server-side request forgery, SSRF).
//!
//! An address is judged when an endpoint is made ([`Guard::read`]), and at every attempt: once
//! more as it is written, since an IP address is never looked up, and then each address that
//! its name resolves to ([`resolver`]). The connection goes to the addresses that were judged,
//! so a name that changes in between gains nothing.
//!
//! | module | what it is for |
//! |---|---|
//! | [`kind`] | which addresses are none of the public internet's |
//! | [`allowed`] | the exceptions that an operator makes |
//! | [`resolver`] | names, without what is refused |

pub mod allowed;
pub mod kind;
pub mod resolver;

use std::net::{IpAddr, SocketAddr};

use proto_events::{Outcome, Reason};
use url::{Host, Url};

use allowed::{Networks, Ports};
use kind::Kind;

/// Why nothing is sent to an address. The words name no address that a name resolves to:
/// whoever may read them need not know our network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read.
    #[error("the address is no URL; write it as https://host/path")]
    NoUrl,
    /// Another protocol.
    #[error("the address is neither an http nor an https one")]
    Scheme,
    /// User or password stand in it.
    #[error("the address holds a user or a password; give a header instead")]
    Credentials,
    /// A port that is not allowed.
    #[error("port {0} is refused: it is not among DD_WEBHOOK_ALLOWED_PORTS")]
    Port(u16),
    /// The host is such an address.
    #[error("the host is refused: {0}; DD_WEBHOOK_ALLOWED_NETWORKS can allow it")]
    Address(Kind),
    /// The host's name resolves to such addresses only.
    #[error(
        "the host's name is refused: it leads to {0}; DD_WEBHOOK_ALLOWED_NETWORKS can allow it"
    )]
    Name(Kind),
}

impl Refusal {
    /// The outcome of an attempt: trying again changes nothing.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        let reason = match self {
            Self::NoUrl | Self::Scheme | Self::Credentials => Reason::InvalidAddress,
            Self::Port(_) | Self::Address(_) | Self::Name(_) => Reason::AddressRefused,
        };
        Outcome::rejected(reason, self.to_string())
    }
}

/// Judges addresses. No I/O.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    networks: Networks,
    ports: Ports,
}

impl Guard {
    /// A guard that makes these exceptions.
    #[must_use]
    pub const fn new(networks: Networks, ports: Ports) -> Self {
        Self { networks, ports }
    }

    /// Reads an address and judges what can be judged of it without looking its name up. The
    /// host comes out as it will be connected to: whatever way of writing an IP address the
    /// URL standard knows is one here too.
    ///
    /// # Errors
    /// If nothing may be sent there.
    pub fn read(&self, address: &str) -> Result<Url, Refusal> {
        let url = Url::parse(address).map_err(|_| Refusal::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        let port = url.port_or_known_default().ok_or(Refusal::NoUrl)?;
        if !self.ports.contain(port) {
            return Err(Refusal::Port(port));
        }
        let literal = match url.host().ok_or(Refusal::NoUrl)? {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        literal.map_or(Ok(()), |address| {
            self.judge(address).map_err(Refusal::Address)
        })?;
        Ok(url)
    }

    /// Judges one address.
    ///
    /// # Errors
    /// What it is, if nothing may be sent there.
    pub fn judge(&self, address: IpAddr) -> Result<(), Kind> {
        let Some(kind) = Kind::of(address) else {
            return Ok(());
        };
        if !self.networks.contain(address) {
            return Err(kind);
        }
        // Allowing the translation does not allow everything that can be reached through it.
        kind::carried(address).try_for_each(|carried| self.judge(carried.into()))
    }

    /// Of the addresses of a name those that may be connected to.
    ///
    /// # Errors
    /// If there are only others.
    pub fn sift(
        &self,
        addresses: impl IntoIterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Refusal> {
        let mut refused = None;
        let mut allowed = Vec::new();
        for address in addresses {
            match self.judge(address.ip()) {
                Ok(()) => allowed.push(address),
                Err(kind) => refused = refused.or(Some(kind)),
            }
        }
        match refused {
            Some(kind) if allowed.is_empty() => Err(Refusal::Name(kind)),
            _ => Ok(allowed),
        }
    }
}
