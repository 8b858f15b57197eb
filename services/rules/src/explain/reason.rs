//! One step of a decision, and how it reads.

use std::fmt;

use proto_events::directory::User;
use proto_events::{Channel, Column, Severity};

use super::names::{Muted, RuleKind, Subject};
use crate::access::Way;
use crate::directory::Directory;
use crate::policy::WithoutAccess;

/// One step of a decision; its text is a clause without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The event is for everybody who may view its object, and for the system.
    Broadcast,
    /// The event names its recipients, which leaves the system out.
    Directed,
    /// A broadcast that stops at the system.
    NoUsers,
    /// Whether the event names the user.
    Named(bool),
    /// The user is inactive.
    Inactive,
    /// A recipient needs a personal rule.
    NoPersonalRule,
    /// The event is about no product or type; whether the user is a superuser.
    OnlySuperusers(bool),
    /// The user may view the object, by these words.
    Authorised(String),
    /// The user may not view the object.
    NotAuthorised(Subject),
    /// What the installation does about a recipient who may not view the object.
    WithoutAccess(WithoutAccess),
    /// What a rule says of the channel.
    Rule {
        /// Which rule.
        rule: RuleKind,
        /// Whether it names the channel.
        names: bool,
        /// The channel.
        channel: Channel,
        /// The column that the event follows.
        column: Column,
    },
    /// A rule does not count, since the event's findings are less severe than it asks for.
    Below {
        /// Which rule.
        rule: RuleKind,
        /// The worst severity of the event.
        severity: Severity,
        /// The least severity that the rule asks for.
        minimum: Severity,
    },
    /// What a rule of a group says of the channel.
    OfGroup {
        /// The group's name.
        group: String,
        /// Whether the rule names the channel.
        adds: bool,
        /// The channel.
        channel: Channel,
    },
    /// A rule of the user silences what the event is about.
    Muted(Muted),
    /// It does, but the event names the user.
    MutedInVain(Muted),
    /// The destination was told because of its filter.
    Passes,
    /// What the event is, and that the destination's filter wants something else.
    HeldBack(String),
    /// A person switched the destination off.
    DestinationOff,
    /// The user has no personal rule.
    NoRule,
    /// The channel exists at system scope only.
    SystemAlone(Channel),
    /// System Settings switch the channel off.
    SwitchedOff(Channel),
    /// The event allows alerts only.
    AlertOnly,
}

impl Reason {
    /// The way in which a user comes to view an object, in words.
    pub(super) fn authorised(directory: &Directory, user: &User, way: Way) -> Self {
        let group = |id: i64| {
            let entry = directory.group(id).and_then(|entry| entry.group.as_ref());
            match entry {
                Some(group) => format!("group {id} ({})", group.name),
                None => format!("group {id}"),
            }
        };
        Self::Authorised(match way {
            Way::Everything if user.superuser => "superuser".to_owned(),
            Way::Everything => match user.global_role {
                Some(role) => format!("has the global role {}", role.as_str()),
                None => "has a global role".to_owned(),
            },
            Way::GlobalGroup(id) => format!("in {}, which has a global role", group(id)),
            Way::Product(id) => format!("authorised for product {id}"),
            Way::ProductType(id) => format!("authorised for product type {id}"),
            Way::ProductGroup { product, group: id } => {
                format!(
                    "in {}, which is authorised for product {product}",
                    group(id)
                )
            }
            Way::ProductTypeGroup {
                product_type,
                group: id,
            } => format!(
                "in {}, which is authorised for product type {product_type}",
                group(id)
            ),
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broadcast => {
                f.write_str("the event names no recipients, so the system hears of it")
            }
            Self::Directed => {
                f.write_str("the event names its recipients, so the system is left out")
            }
            Self::NoUsers => f.write_str("the event is for the system alone (no_users)"),
            Self::Named(true) => f.write_str("named by the event"),
            Self::Named(false) => f.write_str("not among the recipients that the event names"),
            Self::Inactive => f.write_str("inactive"),
            Self::NoPersonalRule => f.write_str("no personal rule, and a recipient needs one"),
            Self::OnlySuperusers(true) => {
                f.write_str("superuser, and the event is about no product")
            }
            Self::OnlySuperusers(false) => f.write_str(
                "the event is about no product, so of the users only superusers hear of it",
            ),
            Self::Authorised(how) | Self::HeldBack(how) => f.write_str(how),
            Self::NotAuthorised(subject) => write!(f, "not authorised for {subject}"),
            Self::WithoutAccess(way) => f.write_str(match way {
                WithoutAccess::Redact => {
                    "told without note and finding details (DD_DIRECTED_WITHOUT_ACCESS=redact)"
                }
                WithoutAccess::Full => "told all the same (DD_DIRECTED_WITHOUT_ACCESS=full)",
                WithoutAccess::Drop => "not told (DD_DIRECTED_WITHOUT_ACCESS=drop)",
            }),
            Self::Rule {
                rule,
                names,
                channel,
                column,
            } => {
                let has = if *names { "has" } else { "has no" };
                write!(f, "{rule} {has} {channel} for {}", column.as_str())
            }
            Self::Below {
                rule,
                severity,
                minimum,
            } => write!(
                f,
                "{severity} is below the minimum severity {minimum} of the {rule}"
            ),
            Self::OfGroup {
                group,
                adds,
                channel,
            } => {
                let adds = if *adds { "adds" } else { "does not add" };
                write!(f, "group rule of '{group}' {adds} {channel}")
            }
            Self::Muted(mute) => write!(f, "muted by {mute}"),
            Self::MutedInVain(mute) => {
                write!(f, "muted by {mute}, but the event names its recipients")
            }
            Self::Passes => f.write_str("its filter lets the event through"),
            Self::DestinationOff => f.write_str("a person switched it off"),
            Self::NoRule => f.write_str("no personal rule"),
            Self::SystemAlone(channel) => write!(f, "{channel} is for the system alone"),
            Self::SwitchedOff(channel) => write!(f, "{channel} is switched off in System Settings"),
            Self::AlertOnly => f.write_str("the event allows alerts only (alert_only)"),
        }
    }
}
