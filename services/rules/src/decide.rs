//! The decision on one event.

use proto_events::directory::User;
use proto_events::payload::UserRef;
use proto_events::{Channel, ChannelSet, Column, Severity};

use crate::access::Object;
use crate::directory::{
    Chosen, Directory, Links, ProductEntry, ProductTypeEntry, UserEntry, links_to, rules_of,
};
use crate::facts::Facts;
use crate::merge::{Receiver, Rows, merge};
use crate::policy::{Policy, WithoutAccess};
use crate::said::Said;

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
    /// What minimum severities are compared with; none if no rule's minimum counts.
    pub(crate) severity: Option<Severity>,
    product: Option<&'d ProductEntry>,
    /// The type of the product; of a product that is not known, the event's own.
    pub(crate) product_type_id: Option<i64>,
    product_type: Option<&'d ProductTypeEntry>,
    /// What the rules of groups say; of a directed event, nothing.
    groups: Vec<GroupSaid<'d>>,
}

/// What a group's rules say to its users.
struct GroupSaid<'d> {
    group: i64,
    users: &'d Links,
    said: Said,
}

impl<'d> Case<'d> {
    pub(crate) fn new(directory: &'d Directory, facts: &Facts<'_>) -> Self {
        let broadcast = facts.recipients.is_none();
        let product = facts.product.and_then(|id| directory.product_entry(id));
        let product_type_id = product.map_or(facts.product_type, |entry| Some(entry.product_type));
        let mut case = Self {
            directory,
            column: facts.name.column(),
            enabled: directory.settings().enabled(),
            allowed: if facts.alert_only {
                ChannelSet::ALERT
            } else {
                Channel::ALL.into_iter().collect()
            },
            object: Object::of(directory, facts),
            // Whoever is named is told, however harmless the finding.
            severity: facts.severity.filter(|_| broadcast),
            product,
            product_type_id,
            product_type: product_type_id.and_then(|id| directory.product_type_entry(id)),
            groups: Vec::new(),
        };
        if broadcast {
            case.groups = case.ask_groups();
        }
        case
    }

    /// What the rules of each group say, in order of the groups' ids.
    fn ask_groups(&self) -> Vec<GroupSaid<'d>> {
        let mut groups: Vec<GroupSaid<'d>> = Vec::new();
        let rules = self.directory.group_rules();
        for (group, _) in rules.keys() {
            let asked = groups.last().is_some_and(|last| last.group == *group);
            let entry = self.directory.group(*group).filter(|_| !asked);
            let said = self.said(rules_of(rules, *group));
            groups.extend(entry.zip(said).map(|(entry, said)| GroupSaid {
                group: *group,
                users: &entry.users,
                said,
            }));
        }
        groups
    }

    /// What rules say of the event.
    fn said<'r>(&self, rules: impl Iterator<Item = (i64, &'r Chosen)>) -> Option<Said> {
        Said::by(rules, self.column, self.severity)
    }

    /// The groups with rules that a user is in, by id, with what those say.
    pub(crate) fn groups_of(&self, user: i64) -> impl Iterator<Item = (i64, Said)> {
        let of_user = move |group: &&GroupSaid<'_>| links_to(group.users, user);
        let groups = self.groups.iter().filter(of_user);
        groups.map(|group| (group.group, group.said))
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
        let mut rows = Rows {
            system: self.directory.system_rule().get(self.column),
            personal: None,
            groups: ChannelSet::EMPTY,
            product_type: None,
            product: None,
        };
        let Some((id, entry)) = user else {
            return rows;
        };
        let personal = entry.personal.iter().map(|(rule, chosen)| (*rule, chosen));
        rows.personal = self.said(personal);
        for (_, said) in self.groups_of(id) {
            rows.groups = rows.groups.union(said.channels);
        }
        let of_type = self.product_type.map(|entry| rules_of(&entry.rules, id));
        rows.product_type = of_type.and_then(|rules| self.said(rules));
        let of_product = self.product.map(|entry| rules_of(&entry.rules, id));
        rows.product = of_product.and_then(|rules| self.said(rules));
        rows
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
