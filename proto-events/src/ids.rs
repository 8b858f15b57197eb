//! Identifiers made of what they identify, so that doing a thing twice gives the same one.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::channel::Channel;
use crate::job::{Address, Target};

/// UUIDv5 name space of everything below.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b0b_4f4e_63b5_4a53_9b5d_0d6a_5f0c_4d11);

/// The idempotency key of a delivery, as ledger, receivers and mail systems know it: a
/// UUID, and `.rN` behind it once a person has what had arrived sent again the Nth time.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.r[1-9][0-9]{0,8})?$"))]
pub struct JobId {
    id: Uuid,
    replay: u32,
}

impl JobId {
    /// The id without what a replay adds.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.id
    }

    /// Which replay of a delivery that had arrived it is; 0: the delivery itself.
    #[must_use]
    pub const fn replay(self) -> u32 {
        self.replay
    }

    /// The id under which what had arrived under this one is sent again.
    #[must_use]
    pub const fn replayed(self) -> Self {
        Self {
            id: self.id,
            replay: self.replay.saturating_add(1),
        }
    }
}

impl From<Uuid> for JobId {
    fn from(id: Uuid) -> Self {
        Self { id, replay: 0 }
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.replay {
            0 => self.id.fmt(f),
            replay => write!(f, "{}.r{replay}", self.id),
        }
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.to_string()
    }
}

/// A text that is no job's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no job's id: a UUID, with .rN behind it for a replay")]
pub struct NoJobId(String);

impl FromStr for JobId {
    type Err = NoJobId;

    fn from_str(text: &str) -> Result<Self, NoJobId> {
        let wrong = || NoJobId(text.to_owned());
        let (id, replay) = match text.split_once(".r") {
            None => (text, 0),
            // One spelling for each id: no sign, no leading zero.
            Some((id, digits))
                if digits.starts_with(|first: char| ('1'..='9').contains(&first)) =>
            {
                (id, digits.parse().map_err(|_| wrong())?)
            }
            Some(_) => return Err(wrong()),
        };
        let id = Uuid::try_parse(id).map_err(|_| wrong())?;
        Ok(Self { id, replay })
    }
}

impl TryFrom<String> for JobId {
    type Error = NoJobId;

    fn try_from(text: String) -> Result<Self, NoJobId> {
        text.parse()
    }
}

/// What the event ids of alerts about deliveries that were given up begin with: they are nobody's
/// event, and no decision of the router's.
pub const GIVEN_UP: &str = "given-up/";

/// The id of a job: event source, event id, channel, recipient, destination. An alert
/// batch's is made of its sorted recipients.
#[must_use]
pub fn job(event_source: &str, event_id: &str, to: &Target) -> JobId {
    let channel = to.channel().as_str();
    let id = match (to, to.address()) {
        (Target::Alert { recipients }, _) => {
            let mut sorted = recipients.clone();
            sorted.sort_unstable();
            let mut list = String::with_capacity(8 * sorted.len());
            for id in sorted {
                if !list.is_empty() {
                    list.push(',');
                }
                list.push_str(&or_null(id));
            }
            make(&[event_source, event_id, channel, &list])
        }
        (_, Some(address)) => {
            let recipient = or_null(address.recipient.as_ref().map(|user| user.id));
            make(&[
                event_source,
                event_id,
                channel,
                &recipient,
                &address.destination.to_string(),
            ])
        }
        (_, None) => make(&[event_source, event_id, channel]),
    };
    id.into()
}

/// The id of one alert: event source, event id, user (null at system scope).
#[must_use]
pub fn alert(event_source: &str, event_id: &str, user: Option<i64>) -> Uuid {
    make(&[
        event_source,
        event_id,
        Channel::Alert.as_str(),
        "row",
        &or_null(user),
    ])
}

/// The id of a digest: recipient (null at system scope), channel, destination and window.
#[must_use]
pub fn digest(channel: Channel, to: &Address, window: DateTime<Utc>) -> JobId {
    make(&[
        "digest",
        &or_null(to.recipient.as_ref().map(|user| user.id)),
        channel.as_str(),
        &to.destination.to_string(),
        &window.timestamp().to_string(),
    ])
    .into()
}

fn or_null(id: Option<i64>) -> String {
    id.map_or_else(|| "null".to_owned(), |id| id.to_string())
}

/// Each part goes in with its length before it, so that no two lists of parts look alike.
fn make(parts: &[&str]) -> Uuid {
    let mut name = Vec::with_capacity(128);
    for part in parts {
        name.extend_from_slice(part.len().to_string().as_bytes());
        name.push(b':');
        name.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&NAMESPACE, &name)
}
