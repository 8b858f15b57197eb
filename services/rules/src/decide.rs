//! The decision on one event.

use proto_events::directory::{FilteredDestination, User};
use proto_events::payload::UserRef;
use proto_events::{Channel, ChannelSet};

use crate::case::Case;
use crate::directory::Directory;
use crate::facts::Facts;
use crate::merge::Receiver;
use crate::policy::{Policy, WithoutAccess};

/// Who is told of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions<'d> {
    /// The system's own channels.
    pub system: ChannelSet,
    /// Users who are told, by id; each has at least one channel.
    pub users: Vec<UserDecision<'d>>,
    /// Destinations that are told because of their filters, by id; switched-off ones too.
    pub destinations: Vec<&'d FilteredDestination>,
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
        None => case.broadcast(facts),
        Some(recipients) => case.directed(policy, facts, recipients),
    }
}

impl<'d> Case<'d> {
    fn broadcast(&self, facts: &Facts<'_>) -> Decisions<'d> {
        let mut decisions = Decisions {
            system: self.channels(Receiver::System, None),
            destinations: self.filtered(facts),
            ..Decisions::default()
        };
        if facts.no_users {
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
}
