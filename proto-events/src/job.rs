//! A job: one delivery over one channel (alerts: one batch of recipients).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::channel::Channel;
use crate::event::{Event, Unreadable, explain};
use crate::ids::JobId;

/// Content type of a job.
pub const CONTENT_TYPE: &str = "application/vnd.dojo-notify.job+json";

/// The major version written by this build; a reader refuses a newer one.
pub const VERSION: u16 = 1;

/// Identifies a row of the table `destinations`: an endpoint, a channel, an address.
pub type DestinationId = i64;

/// One delivery, as the router asks for it.
///
/// It names its destination by id: address and token are read at the attempt, so that
/// no secret travels and a change is in force at once.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// Major version of this format.
    pub version: u16,
    /// Idempotency key; see [`crate::ids::job`].
    pub id: JobId,
    /// Whom to tell and how.
    pub to: Target,
    /// The recipient may not view the object: note and finding details are left out.
    #[serde(default)]
    pub redacted: bool,
    /// It is held back until then: the window of the digest that it belongs to, or was part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<DateTime<Utc>>,
    /// What was held back together, if it is a digest; `event` then is only its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The event as it came (long finding lists shortened, see [`crate::trim`]).
    #[schemars(with = "Event")]
    pub event: Arc<RawValue>,
}

/// Several events that are told in one message.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Digest {
    /// The first of them, in the order in which they came.
    pub notices: Vec<Notice>,
    /// How many there are beyond these.
    #[serde(default)]
    pub left_out: u64,
}

/// One event of a digest.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// The recipient may not view its object.
    #[serde(default)]
    pub redacted: bool,
    /// The event as it came.
    #[schemars(with = "Event")]
    pub event: Arc<RawValue>,
}

impl Notice {
    /// The event inside.
    ///
    /// # Errors
    /// [`Unreadable`] if it is not one.
    pub fn event(&self) -> Result<Event, Unreadable> {
        Event::parse(self.event.get().as_bytes())
    }
}

/// The name of the event that stands for a digest: in the ledger, and as the name of its template.
pub const DIGEST: &str = "digest";

/// Whom to tell, by channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "channel", rename_all = "lowercase")]
pub enum Target {
    /// Rows in the alert list, one for each recipient.
    Alert {
        /// User ids; null is the system's own alert, which belongs to nobody.
        recipients: Vec<Option<i64>>,
    },
    /// One mail.
    Mail(Address),
    /// One Slack message.
    Slack(Address),
    /// One Teams card.
    Msteams(Address),
    /// One HTTP request.
    Webhooks(Address),
}

/// One destination, and the person it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Address {
    /// The destination's id.
    pub destination: DestinationId,
    /// The person; null at system scope.
    pub recipient: Option<Recipient>,
}

/// A user who is told something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recipient {
    /// The user's id in DefectDojo.
    pub id: i64,
    /// The username.
    pub username: String,
}

impl Target {
    /// The channel, which is also the routing key of what is not held back.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Alert { .. } => Channel::Alert,
            Self::Mail(_) => Channel::Mail,
            Self::Slack(_) => Channel::Slack,
            Self::Msteams(_) => Channel::Msteams,
            Self::Webhooks(_) => Channel::Webhooks,
        }
    }

    /// The destination, for every channel but alerts.
    #[must_use]
    pub const fn address(&self) -> Option<&Address> {
        match self {
            Self::Alert { .. } => None,
            Self::Mail(to) | Self::Slack(to) | Self::Msteams(to) | Self::Webhooks(to) => Some(to),
        }
    }

    /// A target at a destination; alerts have none.
    #[must_use]
    pub fn at(channel: Channel, address: Address) -> Option<Self> {
        match channel {
            Channel::Alert => None,
            Channel::Mail => Some(Self::Mail(address)),
            Channel::Slack => Some(Self::Slack(address)),
            Channel::Msteams => Some(Self::Msteams(address)),
            Channel::Webhooks => Some(Self::Webhooks(address)),
        }
    }
}

/// Why a message cannot be read as a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableJob {
    /// Not a job at all.
    #[error("not a job: {0}")]
    Malformed(#[from] Unreadable),
    /// Written by a newer release.
    #[error(
        "the job is of version {0}, this release reads up to {VERSION}; update this service first"
    )]
    NewerVersion(u16),
}

impl Job {
    /// Reads a job.
    ///
    /// # Errors
    /// [`UnreadableJob`] says what is wrong; a newer major version is refused before
    /// anything else is looked at.
    pub fn parse(body: &[u8]) -> Result<Self, UnreadableJob> {
        let text = std::str::from_utf8(body).map_err(|e| Unreadable::NotUtf8(e.valid_up_to()))?;
        match serde_json::from_str::<Self>(text) {
            Ok(job) if job.version > VERSION => Err(UnreadableJob::NewerVersion(job.version)),
            Ok(job) => Ok(job),
            Err(error) => match serde_json::from_str::<VersionOnly>(text) {
                Ok(VersionOnly { version }) if version > VERSION => {
                    Err(UnreadableJob::NewerVersion(version))
                }
                _ => Err(explain::<Self>(text, &error).into()),
            },
        }
    }

    /// The event inside.
    ///
    /// # Errors
    /// [`Unreadable`] if it is not one; the router never sends such a job.
    pub fn event(&self) -> Result<Event, Unreadable> {
        Event::parse(self.event.get().as_bytes())
    }
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u16,
}
