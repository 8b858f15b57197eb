//! One row put into the directory, or taken out of every list that it stands in.

use std::sync::Arc;

use proto_events::directory::{
    Destination, Group, GroupMember, Membership, Row, Rule, RuleScope, Securable, User,
};

use super::Directory;
use super::entries::{Chosen, Members};

impl Directory {
    pub(super) fn take_user(&mut self, id: i64) {
        let Some(user) = self.users.edit(id).user.take() else {
            return;
        };
        // Somebody else may have been given the name.
        if self.by_username.get(&user.username) == Some(&id) {
            self.by_username.remove(&user.username);
        }
        if user.superuser {
            Arc::make_mut(&mut self.superusers).remove(id, id);
        }
        if views_everything(&user) {
            Arc::make_mut(&mut self.overseers).remove(id, id);
        }
    }

    pub(super) fn put_user(&mut self, user: User) {
        let id = user.id;
        self.by_username.insert(user.username.clone(), id);
        if user.superuser {
            Arc::make_mut(&mut self.superusers).insert(id, id);
        }
        if views_everything(&user) {
            Arc::make_mut(&mut self.overseers).insert(id, id);
        }
        self.users.edit(id).user = Some(user);
    }

    pub(super) fn put_group(&mut self, group: Group) {
        let id = group.id;
        if group.global_role.is_some() {
            self.global_groups.insert(id);
        }
        self.groups.edit(id).group = Some(group);
    }

    pub(super) fn put_group_member(&mut self, Row { id, row }: Row<GroupMember>) {
        self.groups.edit(row.group).users.insert(row.user, id);
        self.group_members.insert(id, row);
    }

    pub(super) fn put_membership(&mut self, Row { id, row }: Row<Membership>) {
        self.members_mut(row.of).add(row.member, id);
        self.memberships.insert(id, row);
    }

    pub(super) fn members_mut(&mut self, of: Securable) -> &mut Members {
        match of {
            Securable::Product(id) => &mut self.products.edit(id).members,
            Securable::ProductType(id) => &mut self.product_types.edit(id).members,
        }
    }

    pub(super) fn take_rule(&mut self, id: i64) {
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

    pub(super) fn put_rule(&mut self, rule: &Rule) {
        let Rule {
            id,
            scope,
            channels,
            limits,
        } = *rule;
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

    pub(super) fn put_destination(&mut self, destination: Destination) {
        let (id, owner) = (destination.id, destination.user);
        let destinations = self.destinations_mut(owner);
        let place = destinations.partition_point(|other| other.id < id);
        destinations.insert(place, destination);
        self.destination_owners.insert(id, owner);
    }

    pub(super) fn destinations_mut(&mut self, owner: Option<i64>) -> &mut Vec<Destination> {
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
