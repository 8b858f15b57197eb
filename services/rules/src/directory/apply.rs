//! From rows to the indexed directory: a whole snapshot, or what changed since. Both take the
//! same way, so that a directory that was changed is one that was read anew.

use std::sync::Arc;

use proto_events::directory::{
    Delta, Destination, Group, GroupMember, Membership, Row, Rule, RuleScope, Securable, Snapshot,
    Touched, User,
};

use super::entries::{Chosen, Members};
use super::{Directory, Presence};

impl Directory {
    /// Indexes a snapshot. What names a user, group or product that is not in it routes nothing.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let mut directory = Self::default();
        directory.put_in(snapshot);
        directory
    }

    /// The directory after a change. This one stays as it is; both share all that the change
    /// does not touch, so that it costs what it changes.
    #[must_use]
    pub fn apply(&self, delta: Delta) -> Self {
        let mut directory = self.clone();
        directory.take_out(&delta.touched);
        directory.put_in(delta.now);
        directory
    }

    /// The same directory, known to be what the store holds at a later version too.
    #[must_use]
    pub fn at(&self, version: i64) -> Self {
        Self {
            version,
            ..self.clone()
        }
    }

    fn take_out(&mut self, touched: &Touched) {
        touched.users.iter().for_each(|id| self.take_user(*id));
        for id in &touched.product_types {
            self.product_types.edit(*id).presence = Presence::Unknown;
        }
        for id in &touched.products {
            self.products.edit(*id).presence = Presence::Unknown;
        }
        for id in &touched.groups {
            self.groups.edit(*id).group = None;
            self.global_groups.remove(id);
        }
        for id in &touched.group_members {
            if let Some(link) = self.group_members.remove(id) {
                self.groups.edit(link.group).users.remove(&(link.user, *id));
            }
        }
        for id in &touched.memberships {
            if let Some(Membership { member, of, .. }) = self.memberships.remove(id) {
                self.members_mut(of).remove(member, *id);
            }
        }
        touched.rules.iter().for_each(|id| self.take_rule(*id));
        for id in &touched.destinations {
            if let Some(owner) = self.destination_owners.remove(id) {
                self.destinations_mut(owner).retain(|row| row.id != *id);
            }
        }
    }

    fn put_in(&mut self, rows: Snapshot) {
        self.version = rows.version;
        self.settings = Arc::new(rows.settings);
        rows.users.into_iter().for_each(|user| self.put_user(user));
        for product_type in rows.product_types {
            self.product_types.edit(product_type.id).presence = Presence::Known;
        }
        for id in rows.deleted_product_types {
            self.product_types.edit(id).presence = Presence::Deleted;
        }
        for row in rows.products {
            let product = self.products.edit(row.id);
            product.presence = Presence::Known;
            product.product_type = row.product_type;
        }
        for id in rows.deleted_products {
            self.products.edit(id).presence = Presence::Deleted;
        }
        rows.groups.into_iter().for_each(|row| self.put_group(row));
        for link in rows.group_members {
            self.put_group_member(link);
        }
        for membership in rows.memberships {
            self.put_membership(membership);
        }
        rows.rules.into_iter().for_each(|rule| self.put_rule(rule));
        for destination in rows.destinations {
            self.put_destination(destination);
        }
    }

    fn take_user(&mut self, id: i64) {
        let Some(user) = self.users.edit(id).user.take() else {
            return;
        };
        // Somebody else may have been given the name.
        if self.by_username.get(&user.username) == Some(&id) {
            self.by_username.remove(&user.username);
        }
        if user.superuser {
            Arc::make_mut(&mut self.superusers).remove(&(id, id));
        }
        if views_everything(&user) {
            Arc::make_mut(&mut self.overseers).remove(&(id, id));
        }
    }

    fn put_user(&mut self, user: User) {
        let id = user.id;
        self.by_username.insert(user.username.clone(), id);
        if user.superuser {
            Arc::make_mut(&mut self.superusers).insert((id, id));
        }
        if views_everything(&user) {
            Arc::make_mut(&mut self.overseers).insert((id, id));
        }
        self.users.edit(id).user = Some(user);
    }

    fn put_group(&mut self, group: Group) {
        let id = group.id;
        if group.global_role.is_some() {
            self.global_groups.insert(id);
        }
        self.groups.edit(id).group = Some(group);
    }

    fn put_group_member(&mut self, Row { id, row }: Row<GroupMember>) {
        self.groups.edit(row.group).users.insert((row.user, id));
        self.group_members.insert(id, row);
    }

    fn put_membership(&mut self, Row { id, row }: Row<Membership>) {
        self.members_mut(row.of).add(row.member, id);
        self.memberships.insert(id, row);
    }

    fn members_mut(&mut self, of: Securable) -> &mut Members {
        match of {
            Securable::Product(id) => &mut self.products.edit(id).members,
            Securable::ProductType(id) => &mut self.product_types.edit(id).members,
        }
    }

    fn take_rule(&mut self, id: i64) {
        match self.rule_scopes.remove(&id) {
            None | Some(RuleScope::Template) => {}
            Some(RuleScope::System) => {
                self.system_rules.remove(&id);
            }
            Some(RuleScope::Personal { user }) => {
                let rules = &mut self.users.edit(user).personal;
                rules.retain(|(rule, _)| *rule != id);
            }
            Some(RuleScope::Product { user, product }) => {
                self.products.edit(product).rules.remove(&(user, id));
            }
            Some(RuleScope::ProductType { user, product_type }) => {
                let rules = &mut self.product_types.edit(product_type).rules;
                rules.remove(&(user, id));
            }
            Some(RuleScope::Group { group }) => {
                Arc::make_mut(&mut self.group_rules).remove(&(group, id));
            }
        }
    }

    fn put_rule(&mut self, rule: Rule) {
        let Rule {
            id,
            scope,
            channels,
            limits,
        } = rule;
        let chosen = Chosen { channels, limits };
        match scope {
            RuleScope::Template => return,
            RuleScope::System => {
                self.system_rules.insert(id, channels);
            }
            RuleScope::Personal { user } => self.users.edit(user).personal.push((id, chosen)),
            RuleScope::Product { user, product } => {
                let rules = &mut self.products.edit(product).rules;
                rules.insert((user, id), chosen);
            }
            RuleScope::ProductType { user, product_type } => {
                let rules = &mut self.product_types.edit(product_type).rules;
                rules.insert((user, id), chosen);
            }
            RuleScope::Group { group } => {
                Arc::make_mut(&mut self.group_rules).insert((group, id), chosen);
            }
        }
        self.rule_scopes.insert(id, scope);
    }

    fn put_destination(&mut self, destination: Destination) {
        let (id, owner) = (destination.id, destination.user);
        let destinations = self.destinations_mut(owner);
        let place = destinations.partition_point(|other| other.id < id);
        destinations.insert(place, destination);
        self.destination_owners.insert(id, owner);
    }

    fn destinations_mut(&mut self, owner: Option<i64>) -> &mut Vec<Destination> {
        match owner {
            None => &mut self.system_destinations,
            Some(user) => &mut self.users.edit(user).destinations,
        }
    }
}

/// Whether the user may view every product by their own row.
fn views_everything(user: &User) -> bool {
    user.superuser || user.global_role.is_some()
}
