//! What the directory holds of one object, whether its own row is there or not: rules and
//! memberships may name a user who was deleted, and count again when the user comes back.

use std::collections::{BTreeMap, BTreeSet};

use proto_events::directory::{Destination, Group, Limits, Member, RuleChannels, User};
use proto_events::job::DestinationId;

use super::Presence;
use super::links::Links;

/// What a rule says; whose it is, is told by where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen {
    pub(crate) channels: RuleChannels,
    pub(crate) limits: Limits,
}

/// Rules, by the ids of a user or group and of the rules: DefectDojo's database allows several
/// of one scope.
pub(crate) type Rules = BTreeMap<(i64, i64), Chosen>;

/// The rules of one user or group, each with its id.
pub(crate) fn rules_of(rules: &Rules, owner: i64) -> impl Iterator<Item = (i64, &Chosen)> {
    let own = rules.range((owner, i64::MIN)..=(owner, i64::MAX));
    own.map(|((_, rule), chosen)| (*rule, chosen))
}

/// A user and what belongs to them.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserEntry {
    /// Their row, unless they are deleted or unknown.
    pub(crate) user: Option<User>,
    /// Their personal rules, each with its id.
    pub(crate) personal: Vec<(i64, Chosen)>,
    /// By id.
    pub(super) destinations: Vec<Destination>,
}

/// A product and what belongs to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProductEntry {
    pub(super) presence: Presence,
    pub(crate) product_type: i64,
    pub(crate) members: Members,
    /// Users' rules for this product.
    pub(crate) rules: Rules,
    pub(crate) tags: Vec<String>,
    /// Destinations whose filters name this product.
    pub(crate) watched_by: BTreeSet<DestinationId>,
}

/// A product type and what belongs to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProductTypeEntry {
    pub(super) presence: Presence,
    pub(crate) members: Members,
    /// Users' rules for all products of this type.
    pub(crate) rules: Rules,
    /// Destinations whose filters name this type, and no product.
    pub(crate) watched_by: BTreeSet<DestinationId>,
}

/// A group and who is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupEntry {
    pub(crate) group: Option<Group>,
    pub(crate) users: Links,
}

/// The members of a product or product type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    pub(crate) users: Links,
    pub(crate) groups: Links,
}

impl Members {
    pub(super) fn add(&mut self, member: Member, row: i64) {
        match member {
            Member::User(id) => self.users.insert(id, row),
            Member::Group(id) => self.groups.insert(id, row),
        }
    }

    pub(super) fn remove(&mut self, member: Member, row: i64) {
        match member {
            Member::User(id) => self.users.remove(id, row),
            Member::Group(id) => self.groups.remove(id, row),
        }
    }
}
