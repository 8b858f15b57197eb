//! The decision on one event.

use proto_events::directory::User;
use proto_events::payload::UserRef;
use proto_events::{Channel, ChannelSet, Column};

use crate::access::Object;
use crate::directory::{Directory, ProductEntry, UserIndex};
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
struct Case<'d> {
    directory: &'d Directory,
    column: Column,
    /// Channels that are switched on and allowed by the event.
    gate: ChannelSet,
    object: Object<'d>,
    product: Option<&'d ProductEntry>,
}

impl<'d> Case<'d> {
    fn new(directory: &'d Directory, facts: &Facts<'_>) -> Self {
        let enabled = directory.settings().enabled();
        Self {
            directory,
            column: facts.name.column(),
            gate: if facts.alert_only {
                enabled.intersection(ChannelSet::ALERT)
            } else {
                enabled
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
        for index in self.object.audience(self.directory) {
            let user = &self.directory.entry(index).user;
            let receiver = Receiver::Audience {
                superuser: user.superuser,
            };
            let channels = self.channels(receiver, Some(index));
            if user.active && !channels.is_empty() {
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
        for index in named {
            let user = &self.directory.entry(index).user;
            if !user.active {
                decisions.notes.inactive.push(user);
                continue;
            }
            let channels = self.channels(receiver, Some(index));
            if channels.is_empty() {
                continue;
            }
            match (self.object.is_open_to(index), policy.without_access) {
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
    fn channels(&self, receiver: Receiver, user: Option<UserIndex>) -> ChannelSet {
        let rows = Rows {
            system: self.directory.system_rule().get(self.column),
            personal: user
                .and_then(|index| self.directory.entry(index).personal)
                .map(|rule| rule.get(self.column)),
            product: user
                .and_then(|index| self.product?.rules.get(&index))
                .map(|rule| rule.get(self.column)),
        };
        merge(receiver, rows).intersection(self.gate)
    }

    /// The users that a list names, each once, and the names that nobody has.
    fn resolve(&self, recipients: &[Option<UserRef>]) -> (Vec<UserIndex>, Vec<UserRef>) {
        let (mut named, mut unknown) = (Vec::new(), Vec::new());
        for reference in recipients.iter().flatten() {
            match self.directory.index(reference) {
                Some(index) => named.push(index),
                None => unknown.push(reference.clone()),
            }
        }
        named.sort_unstable();
        named.dedup();
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
