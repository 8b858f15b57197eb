//! From rows to the indexed directory: a whole snapshot, or what changed since. Both take the
//! same way, so that a directory that was changed is one that was read anew.

use std::sync::Arc;

use proto_events::directory::{Delta, Membership, Row, Snapshot, Touched};

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
                self.groups.edit(link.group).users.remove(link.user, *id);
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
            self.take_filtered(*id);
        }
        for id in &touched.timetables {
            if let Some(whose) = self.timetable_owners.remove(id) {
                self.timetables.remove(&whose);
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
            product.tags = row.tags;
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
        rows.rules.iter().for_each(|rule| self.put_rule(rule));
        for destination in rows.destinations {
            self.put_destination(destination);
        }
        for destination in rows.filtered {
            self.put_filtered(destination);
        }
        for Row { id, row } in rows.timetables {
            let (whose, timetable) = row;
            self.timetables.insert(whose, Arc::new(timetable));
            self.timetable_owners.insert(id, whose);
        }
    }
}
