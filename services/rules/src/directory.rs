//! The directory in memory: one snapshot, indexed so that a decision costs what its audience
//! costs, whatever the number of users.

mod build;

use std::collections::{BTreeMap, HashMap, HashSet};

use proto_events::Channel;
use proto_events::directory::{Destination, RuleChannels, Settings, User};
use proto_events::payload::UserRef;

use crate::facts::Facts;

/// A user's place in [`Directory::users`]. Places follow ids, so lists sorted by place are
/// sorted by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UserIndex(u32);

/// Users, what they may see and what they chose, at one position of the change log.
#[derive(Debug)]
pub struct Directory {
    version: i64,
    settings: Settings,
    system_rule: RuleChannels,
    system_destinations: Vec<Destination>,
    users: Vec<UserEntry>,
    by_id: HashMap<i64, UserIndex>,
    by_username: HashMap<String, UserIndex>,
    products: HashMap<i64, ProductEntry>,
    deleted_products: HashSet<i64>,
    product_types: HashSet<i64>,
    deleted_product_types: HashSet<i64>,
    /// Sorted members of each product type, direct or through a group.
    product_type_members: HashMap<i64, Vec<UserIndex>>,
    /// Sorted: superusers and holders of a global role, own or a group's.
    view_everything: Vec<UserIndex>,
    /// Sorted.
    superusers: Vec<UserIndex>,
}

/// A user and what belongs to them.
#[derive(Debug)]
pub(crate) struct UserEntry {
    pub(crate) user: User,
    /// The union of their personal rules: the database allows several.
    pub(crate) personal: Option<RuleChannels>,
    destinations: Vec<Destination>,
}

/// A product and what belongs to it.
#[derive(Debug)]
pub(crate) struct ProductEntry {
    pub(crate) product_type: i64,
    /// Sorted members of the product itself, direct or through a group.
    pub(crate) members: Vec<UserIndex>,
    /// Rules for this product, by user.
    pub(crate) rules: BTreeMap<UserIndex, RuleChannels>,
}

/// What the directory knows of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It exists.
    Known,
    /// It existed; nothing will bring it back.
    Deleted,
    /// Never heard of: the directory may lag behind the event.
    Unknown,
}

impl Presence {
    fn new(known: bool, deleted: bool) -> Self {
        match (known, deleted) {
            (true, _) => Self::Known,
            (false, true) => Self::Deleted,
            (false, false) => Self::Unknown,
        }
    }
}

impl Directory {
    /// Position in the change log that the directory includes.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// System Settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The user with this id, active or not.
    #[must_use]
    pub fn user(&self, id: i64) -> Option<&User> {
        self.by_id.get(&id).map(|index| &self.entry(*index).user)
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
                .by_id
                .get(&id)
                .map_or(&[][..], |index| self.entry(*index).destinations.as_slice()),
        };
        all.iter()
            .filter(move |destination| destination.channel == channel)
    }

    /// What is known of a product.
    #[must_use]
    pub fn product(&self, id: i64) -> Presence {
        Presence::new(
            self.products.contains_key(&id),
            self.deleted_products.contains(&id),
        )
    }

    /// What is known of a product type.
    #[must_use]
    pub fn product_type(&self, id: i64) -> Presence {
        Presence::new(
            self.product_types.contains(&id),
            self.deleted_product_types.contains(&id),
        )
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

    pub(crate) fn index(&self, reference: &UserRef) -> Option<UserIndex> {
        match reference {
            UserRef::Id(id) => self.by_id.get(id),
            UserRef::Username(name) => self.by_username.get(name),
        }
        .copied()
    }

    pub(crate) fn entry(&self, UserIndex(at): UserIndex) -> &UserEntry {
        &self.users[at as usize]
    }

    pub(crate) const fn system_rule(&self) -> &RuleChannels {
        &self.system_rule
    }

    pub(crate) fn product_entry(&self, id: i64) -> Option<&ProductEntry> {
        self.products.get(&id)
    }

    pub(crate) fn product_type_members(&self, id: i64) -> &[UserIndex] {
        self.product_type_members
            .get(&id)
            .map_or(&[], Vec::as_slice)
    }

    pub(crate) fn view_everything(&self) -> &[UserIndex] {
        &self.view_everything
    }

    pub(crate) fn superusers(&self) -> &[UserIndex] {
        &self.superusers
    }
}
