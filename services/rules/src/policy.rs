//! What an installation lays down for every decision.

use std::collections::HashSet;
use std::convert::Infallible;
use std::str::FromStr;

use proto_events::{Column, EventName};

/// The installation's choices that are no rule of anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Events whose recipients are also told through the system's channels.
    pub trump: Trump,
    /// What a directed recipient gets who may not view the object.
    pub without_access: WithoutAccess,
}

/// The variables of a [`Policy`]. Whoever decides, or says what would be decided, is given them
/// as the router is.
#[derive(Clone, Debug, clap::Args)]
pub struct PolicyConfig {
    /// Events whose recipients are told through the system's channels too (names separated by commas)
    #[arg(
        long,
        env = "DD_NOTIFICATIONS_SYSTEM_LEVEL_TRUMP",
        default_value = "user_mentioned,review_requested"
    )]
    pub notifications_system_level_trump: Trump,
    /// What a recipient named by an event gets who may not view the object: redact, full or drop
    #[arg(long, env = "DD_DIRECTED_WITHOUT_ACCESS", default_value = "redact")]
    pub directed_without_access: WithoutAccess,
}

impl PolicyConfig {
    /// What the variables lay down.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            trump: self.notifications_system_level_trump.clone(),
            without_access: self.directed_without_access,
        }
    }
}

/// `DD_NOTIFICATIONS_SYSTEM_LEVEL_TRUMP`: names of events for which the system rule's channels
/// are added to those that a recipient chose. Matched on the raw name, not on the rule column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trump(HashSet<EventName>);

impl Trump {
    /// Whether the event is on the list.
    #[must_use]
    pub fn covers(&self, name: &EventName) -> bool {
        self.0.contains(name)
    }

    /// Whether an event that follows the column is on the list.
    #[must_use]
    pub fn reaches(&self, column: Column) -> bool {
        self.0.iter().any(|name| name.column() == column)
    }
}

impl Default for Trump {
    /// DefectDojo's default: `user_mentioned` and `review_requested`.
    fn default() -> Self {
        ["user_mentioned", "review_requested"].into_iter().collect()
    }
}

impl<'n> FromIterator<&'n str> for Trump {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> Self {
        Self(names.into_iter().map(EventName::new).collect())
    }
}

impl FromStr for Trump {
    type Err = Infallible;

    /// Reads the variable: names separated by commas; an empty text is an empty list.
    fn from_str(list: &str) -> Result<Self, Self::Err> {
        Ok(list
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect())
    }
}

/// `DD_DIRECTED_WITHOUT_ACCESS`: what happens to a recipient named by an event who may not view
/// what the event is about. DefectDojo tells them everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WithoutAccess {
    /// They are told, without note and finding detail.
    #[default]
    Redact,
    /// They are told everything.
    Full,
    /// They are not told.
    Drop,
}

/// A text that names no [`WithoutAccess`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not allowed here; use redact, full or drop")]
pub struct UnknownWithoutAccess(pub String);

impl FromStr for WithoutAccess {
    type Err = UnknownWithoutAccess;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "redact" => Ok(Self::Redact),
            "full" => Ok(Self::Full),
            "drop" => Ok(Self::Drop),
            _ => Err(UnknownWithoutAccess(text.to_owned())),
        }
    }
}
