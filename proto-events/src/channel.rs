//! The five channels, named as DefectDojo's rules name them (`notifications/models.py`).

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way to reach people.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A row in the in-app alert list.
    Alert,
    /// E-mail.
    Mail,
    /// Slack, to the system's channel or as a direct message.
    Slack,
    /// Microsoft Teams; exists at system scope only.
    Msteams,
    /// HTTP POST to the endpoints of the system or of a user.
    Webhooks,
}

impl Channel {
    /// Every channel, in the order of this enum.
    pub const ALL: [Self; 5] = [
        Self::Alert,
        Self::Mail,
        Self::Slack,
        Self::Msteams,
        Self::Webhooks,
    ];

    /// The name in rules, routing keys and metric labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Mail => "mail",
            Self::Slack => "slack",
            Self::Msteams => "msteams",
            Self::Webhooks => "webhooks",
        }
    }

    /// Whether messages can be held back for a digest or quiet hours. The alert list is there
    /// to be looked at when one has time, and a webhook's bodies are a contract with a program.
    #[must_use]
    pub const fn can_wait(self) -> bool {
        match self {
            Self::Mail | Self::Slack | Self::Msteams => true,
            Self::Alert | Self::Webhooks => false,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no channel.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no channel; the channels are alert, mail, slack, msteams, webhooks")]
pub struct UnknownChannel(pub String);

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == text)
            .ok_or_else(|| UnknownChannel(text.to_owned()))
    }
}

/// A set of channels: what one rule column holds. On the wire a sorted list of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Channel>", into = "Vec<Channel>")]
pub struct ChannelSet(u8);

impl ChannelSet {
    /// No channel.
    pub const EMPTY: Self = Self(0);
    /// Only the in-app alert, DefectDojo's default for nearly every column.
    pub const ALERT: Self = Self(1 << Channel::Alert as u8);

    /// Whether the channel is in the set.
    #[must_use]
    pub const fn contains(self, channel: Channel) -> bool {
        self.0 & (1 << channel as u8) != 0
    }

    /// The set with one channel more.
    #[must_use]
    pub const fn with(self, channel: Channel) -> Self {
        Self(self.0 | (1 << channel as u8))
    }

    /// The channels of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The channels of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether no channel is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The channels in the order of [`Channel::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Channel> {
        Channel::ALL
            .into_iter()
            .filter(move |channel| self.contains(*channel))
    }
}

impl FromIterator<Channel> for ChannelSet {
    fn from_iter<I: IntoIterator<Item = Channel>>(channels: I) -> Self {
        channels.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl From<Vec<Channel>> for ChannelSet {
    fn from(channels: Vec<Channel>) -> Self {
        channels.into_iter().collect()
    }
}

impl From<ChannelSet> for Vec<Channel> {
    fn from(set: ChannelSet) -> Self {
        set.iter().collect()
    }
}

impl JsonSchema for ChannelSet {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ChannelSet".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Channel>::json_schema(generator)
    }
}
