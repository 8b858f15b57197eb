//! What the directory holds of one object, whether its own row is there or not: rules and
//! memberships may name a user who was deleted, and count again when the user comes back.

use std::collections::{BTreeMap, BTreeSet};

use proto_events::Column;
use proto_events::directory::{Destination, Group, Member, RuleChannels, User};

use super::Presence;

/// Users or groups, each with the row that says so: two rows may say the same.
pub(crate) type Links = BTreeSet<(i64, i64)>;

/// A user and what belongs to them.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserEntry {
    /// Their row, unless they are deleted or unknown.
    pub(crate) user: Option<User>,
    /// Their personal rules, by the rules' ids: DefectDojo's database allows several.
    pub(super) personal: Vec<(i64, RuleChannels)>,
    /// By id.
    pub(super) destinations: Vec<Destination>,
}

impl UserEntry {
    /// The channels of their personal rules; none if there is no such rule.
    pub(crate) fn personal(&self) -> Option<RuleChannels> {
        union(self.personal.iter().map(|(_, channels)| *channels))
    }
}

/// A product and what belongs to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProductEntry {
    pub(super) presence: Presence,
    pub(crate) product_type: i64,
    pub(crate) members: Members,
    /// Rules for this product, by the users' and the rules' ids.
    pub(super) rules: BTreeMap<(i64, i64), RuleChannels>,
}

impl ProductEntry {
    /// The channels of a user's rules for this product; none if there is no such rule.
    pub(crate) fn rule(&self, user: i64) -> Option<RuleChannels> {
        let of_user = self.rules.range((user, i64::MIN)..=(user, i64::MAX));
        union(of_user.map(|(_, channels)| *channels))
    }
}

/// A product type and what belongs to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProductTypeEntry {
    pub(super) presence: Presence,
    pub(crate) members: Members,
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
            Member::User(id) => self.users.insert((id, row)),
            Member::Group(id) => self.groups.insert((id, row)),
        };
    }

    pub(super) fn remove(&mut self, member: Member, row: i64) {
        match member {
            Member::User(id) => self.users.remove(&(id, row)),
            Member::Group(id) => self.groups.remove(&(id, row)),
        };
    }
}

/// Whether the user is among them.
pub(crate) fn links_to(links: &Links, user: i64) -> bool {
    let mut of_user = links.range((user, i64::MIN)..=(user, i64::MAX));
    of_user.next().is_some()
}

/// Rules of one scope together.
fn union(rules: impl Iterator<Item = RuleChannels>) -> Option<RuleChannels> {
    rules.reduce(|mut all, channels| {
        for column in Column::ALL {
            all.set(column, all.get(column).union(channels.get(column)));
        }
        all
    })
}
