//! The decision on one event.

use proto_events::directory::{RuleChannels, User};
use proto_events::payload::UserRef;
use proto_events::{Channel, ChannelSet, Column};

use crate::access::Object;
use crate::directory::{Directory, ProductEntry, UserEntry};
use crate::facts::Facts;
use crate::merge::{Receiver, Rows, merge};
use crate::policy::{Policy, WithoutAccess};

/// Who is told of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions<'d> {
    /// The system's own channels.
    pub system: ChannelSet,
    /// Users who are told, by id; each has at least one channel.
    pub users: Vec<UserDecision<'d>>,
    /// What the event's record says about people who are not told.
    pub notes: Notes<'d>,
}

/// What one user is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserDecision<'d> {
    /// The user, who is active.
    pub user: &'d User,
    /// Through which channels; never Teams.
    pub channels: ChannelSet,
    /// The user may not view the object: note and finding details are left out.
    pub redacted: bool,
}

/// Named recipients who are not told for reasons outside their rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes<'d> {
    /// Nobody has this name or id. Ids first, then names, each once.
    pub unknown: Vec<UserRef>,
    /// Inactive, by id.
    pub inactive: Vec<&'d User>,
    /// May not view the object, and [`WithoutAccess::Drop`] is in force; by id.
    pub dropped: Vec<&'d User>,
}

impl<'d> Decisions<'d> {
    /// Every channel with its receiver, the system (`None`) first.
    pub fn iter(&self) -> impl Iterator<Item = (Channel, Option<&'d User>)> {
        let users = self.users.iter().flat_map(|told| {
            told.channels
                .iter()
                .map(|channel| (channel, Some(told.user)))
        });
        self.system
            .iter()
            .map(|channel| (channel, None))
            .chain(users)
    }
}

/// Decides an event (DefectDojo `notifications/helper.py`). Without recipients it is a broadcast
/// to the system's channels and to everybody who may view its object; with recipients, only to
/// those of them who are active and have a personal rule.
#[must_use]
pub fn decide<'d>(directory: &'d Directory, policy: &Policy, facts: &Facts<'_>) -> Decisions<'d> {
    let case = Case::new(directory, facts);
    match facts.recipients {
        None => case.broadcast(facts.no_users),
        Some(recipients) => case.directed(policy, facts, recipients),
    }
}

/// What is the same for every receiver of an event.
pub(crate) struct Case<'d> {
    pub(crate) directory: &'d Directory,
    pub(crate) column: Column,
    /// Channels that are switched on in System Settings.
    pub(crate) enabled: ChannelSet,
    /// Channels that the event allows.
    pub(crate) allowed: ChannelSet,
    pub(crate) object: Object<'d>,
    product: Option<&'d ProductEntry>,
}

impl<'d> Case<'d> {
    pub(crate) fn new(directory: &'d Directory, facts: &Facts<'_>) -> Self {
        Self {
            directory,
            column: facts.name.column(),
            enabled: directory.settings().enabled(),
            allowed: if facts.alert_only {
                ChannelSet::ALERT
            } else {
                Channel::ALL.into_iter().collect()
            },
            object: Object::of(directory, facts),
            product: facts.product.and_then(|id| directory.product_entry(id)),
        }
    }

    fn broadcast(&self, no_users: bool) -> Decisions<'d> {
        let mut decisions = Decisions {
            system: self.channels(Receiver::System, None),
            ..Decisions::default()
        };
        if no_users {
            return decisions;
        }
        for id in self.object.audience(self.directory) {
            let Some(entry) = self.directory.entry(id) else {
                continue;
            };
            let Some(user) = entry.user.as_ref().filter(|user| user.active) else {
                continue;
            };
            let receiver = Receiver::Audience {
                superuser: user.superuser,
            };
            let channels = self.channels(receiver, Some((id, entry)));
            if !channels.is_empty() {
                decisions.users.push(UserDecision {
                    user,
                    channels,
                    redacted: false,
                });
            }
        }
        decisions
    }

    fn directed(
        &self,
        policy: &Policy,
        facts: &Facts<'_>,
        recipients: &[Option<UserRef>],
    ) -> Decisions<'d> {
        let receiver = Receiver::Recipient {
            trumped: policy.trump.covers(facts.name),
        };
        let mut decisions = Decisions::default();
        let (named, unknown) = self.resolve(recipients);
        decisions.notes.unknown = unknown;
        for user in named {
            if !user.active {
                decisions.notes.inactive.push(user);
                continue;
            }
            let entry = self.directory.entry(user.id);
            let channels = self.channels(receiver, entry.map(|entry| (user.id, entry)));
            if channels.is_empty() {
                continue;
            }
            match (self.object.is_open_to(user.id), policy.without_access) {
                (false, WithoutAccess::Drop) => decisions.notes.dropped.push(user),
                (open, way) => {
                    let redacted = !open && way == WithoutAccess::Redact;
                    decisions.users.push(UserDecision {
                        user,
                        channels,
                        redacted,
                    });
                }
            }
        }
        decisions
    }

    /// The channels of the system or a user, after all gates.
    fn channels(&self, receiver: Receiver, user: Option<(i64, &UserEntry)>) -> ChannelSet {
        self.merged(receiver, self.rows(user))
    }

    /// What the rules come to for a receiver, after all gates.
    pub(crate) fn merged(&self, receiver: Receiver, rows: Rows) -> ChannelSet {
        merge(receiver, rows)
            .intersection(self.enabled)
            .intersection(self.allowed)
    }

    /// What the rules that apply to the system or a user name for the event.
    pub(crate) fn rows(&self, user: Option<(i64, &UserEntry)>) -> Rows {
        let channels = |rule: RuleChannels| rule.get(self.column);
        Rows {
            system: channels(self.directory.system_rule()),
            personal: user.and_then(|(_, entry)| entry.personal()).map(channels),
            product: user
                .and_then(|(id, _)| self.product?.rule(id))
                .map(channels),
        }
    }

    /// The users that a list names, by id, each once, and the names that nobody has.
    pub(crate) fn resolve(&self, recipients: &[Option<UserRef>]) -> (Vec<&'d User>, Vec<UserRef>) {
        let (mut named, mut unknown) = (Vec::new(), Vec::new());
        for reference in recipients.iter().flatten() {
            match self.directory.find(reference) {
                Some(user) => named.push(user),
                None => unknown.push(reference.clone()),
            }
        }
        named.sort_unstable_by_key(|user| user.id);
        named.dedup_by_key(|user| user.id);
        unknown.sort_by(|a, b| order(a).cmp(&order(b)));
        unknown.dedup();
        (named, unknown)
    }
}

fn order(reference: &UserRef) -> (bool, i64, &str) {
    match reference {
        UserRef::Id(id) => (false, *id, ""),
        UserRef::Username(name) => (true, 0, name),
    }
}
