//! The directory in memory, indexed so that a decision costs what its audience costs, whatever
//! the number of users, and a change what it changes.

mod apply;
mod entries;
mod filtered;
mod links;
mod rows;
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proto_events::Channel;
use proto_events::directory::{
    Destination, FilteredDestination, GroupMember, Membership, RuleChannels, RuleScope, Settings,
    Timetable, User, Whose,
};
use proto_events::job::DestinationId;
use proto_events::payload::UserRef;

use crate::facts::Facts;
pub(crate) use entries::{
    Chosen, GroupEntry, Members, ProductEntry, ProductTypeEntry, Rules, UserEntry, rules_of,
};
pub(crate) use links::Links;
use shared::Shared;

/// Users, what they may see and what they chose, at one position of the change log.
///
/// Memberships of groups stay memberships of groups: whom they reach is found at the decision,
/// so that somebody who joins a group changes one list.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    version: i64,
    settings: Arc<Settings>,
    /// By the rules' ids.
    system_rules: BTreeMap<i64, RuleChannels>,
    /// By id.
    system_destinations: Vec<Destination>,
    users: Shared<i64, Arc<UserEntry>>,
    by_username: Shared<String, i64>,
    products: Shared<i64, Arc<ProductEntry>>,
    product_types: Shared<i64, Arc<ProductTypeEntry>>,
    groups: Shared<i64, Arc<GroupEntry>>,
    /// Groups' rules.
    group_rules: Arc<Rules>,
    /// Groups with a global role.
    global_groups: BTreeSet<i64>,
    /// Superusers and holders of a global role of their own.
    overseers: Arc<Links>,
    superusers: Arc<Links>,
    // What rows said that are indexed above: a row that is gone tells no more where it was.
    group_members: Shared<i64, GroupMember>,
    memberships: Shared<i64, Membership>,
    rule_scopes: Shared<i64, RuleScope>,
    destination_owners: Shared<DestinationId, Option<i64>>,
    filtered: Shared<DestinationId, Arc<FilteredDestination>>,
    /// Destinations whose filters name neither a product nor a product type.
    watching_all: Arc<BTreeSet<DestinationId>>,
    timetables: Shared<Whose, Arc<Timetable>>,
    timetable_owners: Shared<i64, Whose>,
}

/// What the directory knows of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// It exists.
    Known,
    /// It existed; nothing will bring it back.
    Deleted,
    /// Never heard of: the directory may lag behind the event.
    #[default]
    Unknown,
}

impl Directory {
    /// Every transaction of the store with a lower number is in the directory.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// System Settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The user with this id, active or not.
    #[must_use]
    pub fn user(&self, id: i64) -> Option<&User> {
        self.users.get(&id)?.user.as_ref()
    }

    /// The user with this name, active or not.
    #[must_use]
    pub fn user_named(&self, name: &str) -> Option<&User> {
        self.user(*self.by_username.get(name)?)
    }

    /// The destinations of a user, or of the system, on a channel, by id; switched-off ones too.
    pub fn destinations(
        &self,
        user: Option<i64>,
        channel: Channel,
    ) -> impl Iterator<Item = &Destination> {
        let all = match user {
            None => self.system_destinations.as_slice(),
            Some(id) => self
                .entry(id)
                .map_or(&[][..], |entry| entry.destinations.as_slice()),
        };
        all.iter()
            .filter(move |destination| destination.channel == channel)
    }

    /// When somebody wants to hear; none: at once.
    #[must_use]
    pub fn timetable(&self, whose: Whose) -> Option<&Timetable> {
        self.timetables.get(&whose).map(Arc::as_ref)
    }

    /// What is known of a product.
    #[must_use]
    pub fn product(&self, id: i64) -> Presence {
        self.products
            .get(&id)
            .map_or(Presence::Unknown, |entry| entry.presence)
    }

    /// What is known of a product type.
    #[must_use]
    pub fn product_type(&self, id: i64) -> Presence {
        self.product_types
            .get(&id)
            .map_or(Presence::Unknown, |entry| entry.presence)
    }

    /// Whether access to an event depends on a product or product type that the directory has
    /// never heard of. Such an event is better decided a little later.
    #[must_use]
    pub fn is_behind(&self, facts: &Facts<'_>) -> bool {
        match facts.product.map(|id| self.product(id)) {
            Some(Presence::Known) => false,
            Some(Presence::Unknown) => true,
            Some(Presence::Deleted) | None => facts
                .product_type
                .is_some_and(|id| self.product_type(id) == Presence::Unknown),
        }
    }

    /// The user that an event means, active or not.
    #[must_use]
    pub fn find(&self, reference: &UserRef) -> Option<&User> {
        match reference {
            UserRef::Id(id) => self.user(*id),
            UserRef::Username(name) => self.user_named(name),
        }
    }

    /// A user who exists.
    pub(crate) fn entry(&self, id: i64) -> Option<&UserEntry> {
        let entry = self.users.get(&id)?;
        entry.user.is_some().then_some(entry)
    }

    /// The system rule in force: DefectDojo keeps the one with the lowest id, and makes one
    /// with defaults where there is none.
    pub(crate) fn system_rule(&self) -> RuleChannels {
        self.system_rules
            .first_key_value()
            .map_or_else(RuleChannels::default, |(_, channels)| *channels)
    }

    /// A product that exists.
    pub(crate) fn product_entry(&self, id: i64) -> Option<&ProductEntry> {
        let entry = self.products.get(&id)?;
        (entry.presence == Presence::Known).then_some(entry)
    }

    /// The members of a product type, whatever is known of the type itself.
    pub(crate) fn product_type_members(&self, id: i64) -> Option<&Members> {
        Some(&self.product_type_entry(id)?.members)
    }

    /// A product type, whatever is known of the type itself.
    pub(crate) fn product_type_entry(&self, id: i64) -> Option<&ProductTypeEntry> {
        Some(self.product_types.get(&id)?)
    }

    pub(crate) fn group_rules(&self) -> &Rules {
        &self.group_rules
    }

    pub(crate) fn group(&self, id: i64) -> Option<&GroupEntry> {
        Some(self.groups.get(&id)?)
    }

    pub(crate) const fn global_groups(&self) -> &BTreeSet<i64> {
        &self.global_groups
    }

    pub(crate) fn overseers(&self) -> &Links {
        &self.overseers
    }

    pub(crate) fn superusers(&self) -> &Links {
        &self.superusers
    }
}
