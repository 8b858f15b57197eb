//! Indexing a whole snapshot.

use std::collections::{BTreeMap, HashMap};

use proto_events::Column;
use proto_events::directory::{
    Destination, Group, GroupMember, Member, Membership, Product, Rule, RuleChannels, RuleScope,
    Securable, Snapshot, User,
};

use super::{Directory, ProductEntry, UserEntry, UserIndex};

/// The users of each group, by its id.
type GroupUsers = HashMap<i64, Vec<UserIndex>>;

impl Directory {
    /// Indexes a snapshot. What names a user, group or product that is not in it is passed over:
    /// it can route nothing.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let mut directory = Self {
            version: snapshot.version,
            settings: snapshot.settings,
            system_rule: system_rule(&snapshot.rules),
            system_destinations: Vec::new(),
            users: entries(snapshot.users),
            by_id: HashMap::new(),
            by_username: HashMap::new(),
            products: snapshot
                .products
                .into_iter()
                .map(|product| (product.id, product.into()))
                .collect(),
            deleted_products: snapshot.deleted_products.into_iter().collect(),
            product_types: snapshot
                .product_types
                .into_iter()
                .map(|product_type| product_type.id)
                .collect(),
            deleted_product_types: snapshot.deleted_product_types.into_iter().collect(),
            product_type_members: HashMap::new(),
            view_everything: Vec::new(),
            superusers: Vec::new(),
        };
        directory.index_users();
        let groups = directory.group_users(&snapshot.group_members);
        directory.admit_global_groups(&snapshot.groups, &groups);
        for membership in &snapshot.memberships {
            directory.admit(membership, &groups);
        }
        for rule in &snapshot.rules {
            directory.add_rule(rule);
        }
        for destination in snapshot.destinations {
            directory.add_destination(destination);
        }
        directory.sort();
        directory
    }

    fn index_users(&mut self) {
        for (index, UserEntry { user, .. }) in (0..).map(UserIndex).zip(&self.users) {
            self.by_id.insert(user.id, index);
            self.by_username.insert(user.username.clone(), index);
            if user.superuser {
                self.superusers.push(index);
            }
            if user.superuser || user.global_role.is_some() {
                self.view_everything.push(index);
            }
        }
    }

    fn group_users(&self, links: &[GroupMember]) -> GroupUsers {
        let mut groups = GroupUsers::new();
        for link in links {
            if let Some(user) = self.by_id.get(&link.user) {
                groups.entry(link.group).or_default().push(*user);
            }
        }
        groups
    }

    fn admit_global_groups(&mut self, groups: &[Group], users: &GroupUsers) {
        for group in groups.iter().filter(|group| group.global_role.is_some()) {
            self.view_everything
                .extend(users.get(&group.id).into_iter().flatten());
        }
    }

    fn admit(&mut self, membership: &Membership, groups: &GroupUsers) {
        let user;
        let users = match membership.member {
            Member::User(id) => {
                user = self.by_id.get(&id).copied();
                user.as_slice()
            }
            Member::Group(id) => groups.get(&id).map_or(&[][..], Vec::as_slice),
        };
        match membership.of {
            Securable::Product(id) => {
                if let Some(product) = self.products.get_mut(&id) {
                    product.members.extend(users);
                }
            }
            Securable::ProductType(id) => {
                self.product_type_members
                    .entry(id)
                    .or_default()
                    .extend(users);
            }
        }
    }

    fn add_rule(&mut self, rule: &Rule) {
        match rule.scope {
            RuleScope::System | RuleScope::Template => {}
            RuleScope::Personal { user } => {
                if let Some(&UserIndex(at)) = self.by_id.get(&user) {
                    let personal = &mut self.users[at as usize].personal;
                    *personal = Some(union(*personal, rule.channels));
                }
            }
            RuleScope::Product { user, product } => {
                if let (Some(user), Some(product)) =
                    (self.by_id.get(&user), self.products.get_mut(&product))
                {
                    let other = product.rules.get(user).copied();
                    product.rules.insert(*user, union(other, rule.channels));
                }
            }
        }
    }

    fn add_destination(&mut self, destination: Destination) {
        match destination.user {
            None => self.system_destinations.push(destination),
            Some(id) => {
                if let Some(&UserIndex(at)) = self.by_id.get(&id) {
                    self.users[at as usize].destinations.push(destination);
                }
            }
        }
    }

    /// Brings every list into the order that look-ups rely on.
    fn sort(&mut self) {
        sort_once(&mut self.view_everything);
        self.product_type_members.values_mut().for_each(sort_once);
        for product in self.products.values_mut() {
            sort_once(&mut product.members);
        }
        self.system_destinations
            .sort_by_key(|destination| destination.id);
        for entry in &mut self.users {
            entry.destinations.sort_by_key(|destination| destination.id);
        }
    }
}

impl From<Product> for ProductEntry {
    fn from(product: Product) -> Self {
        Self {
            product_type: product.product_type,
            members: Vec::new(),
            rules: BTreeMap::new(),
        }
    }
}

fn entries(mut users: Vec<User>) -> Vec<UserEntry> {
    users.sort_by_key(|user| user.id);
    users
        .into_iter()
        .map(|user| UserEntry {
            user,
            personal: None,
            destinations: Vec::new(),
        })
        .collect()
}

/// The system rule in force: DefectDojo keeps the one with the lowest id, and makes one with
/// defaults where there is none.
fn system_rule(rules: &[Rule]) -> RuleChannels {
    rules
        .iter()
        .filter(|rule| rule.scope == RuleScope::System)
        .min_by_key(|rule| rule.id)
        .map_or_else(RuleChannels::default, |rule| rule.channels)
}

/// A rule together with another of the same scope: the database allows several.
fn union(other: Option<RuleChannels>, mut channels: RuleChannels) -> RuleChannels {
    if let Some(other) = other {
        for column in Column::ALL {
            channels.set(column, channels.get(column).union(other.get(column)));
        }
    }
    channels
}

fn sort_once(users: &mut Vec<UserIndex>) {
    users.sort_unstable();
    users.dedup();
}
