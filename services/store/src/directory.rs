//! Who exists and who may see what: users, products, groups, memberships.
//!
//! Every `put_` inserts what is new and updates what is there; writing the same again
//! changes nothing and wakes nobody. A marked row comes back when it is put again.

pub(crate) mod remove;
pub(crate) mod write;

use proto_events::directory::{
    Group, GroupMember, Member, Membership, Product, ProductType, Securable, User,
};

use crate::error::StoreError;
use crate::rows::json_rows;
use crate::store::Store;

impl Store {
    /// Writes users. A new one gets a personal rule, and each of them its destinations;
    /// the database sees to both. A Slack id that was remembered for the same Slack
    /// address stays.
    ///
    /// # Errors
    /// If the database is away, or a username belongs to another user.
    pub async fn put_users(&self, users: &[User]) -> Result<(), StoreError> {
        let rows = json_rows(users, |user| user.id)?;
        write::users(&mut *self.pool.acquire().await?, rows).await
    }

    /// Writes product types.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn put_product_types(&self, types: &[ProductType]) -> Result<(), StoreError> {
        let rows = json_rows(types, |product_type| product_type.id)?;
        write::product_types(&mut *self.pool.acquire().await?, rows).await
    }

    /// Writes products; their types come first.
    ///
    /// # Errors
    /// If the database is away, or a product's type is unknown.
    pub async fn put_products(&self, products: &[Product]) -> Result<(), StoreError> {
        let rows = json_rows(products, |product| product.id)?;
        write::products(&mut *self.pool.acquire().await?, rows).await
    }

    /// Writes groups.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn put_groups(&self, groups: &[Group]) -> Result<(), StoreError> {
        let rows = json_rows(groups, |group| group.id)?;
        write::groups(&mut *self.pool.acquire().await?, rows).await
    }

    /// Puts users into groups; both come first.
    ///
    /// # Errors
    /// If the database is away, or a user or group is unknown.
    pub async fn put_group_members(&self, members: &[GroupMember]) -> Result<(), StoreError> {
        let rows = json_rows(members, |member| (member.group, member.user))?;
        write::group_members(&mut *self.pool.acquire().await?, rows).await
    }

    /// Writes memberships: one per member and object, the role as given.
    ///
    /// # Errors
    /// If the database is away, or one of the parties is unknown.
    pub async fn put_memberships(&self, memberships: &[Membership]) -> Result<(), StoreError> {
        let rows = json_rows(memberships, parties)?;
        write::memberships(&mut *self.pool.acquire().await?, rows).await
    }

    /// Marks users as deleted: they are told nothing, and what is under way to them ends.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn delete_users(&self, ids: &[i64]) -> Result<(), StoreError> {
        remove::users(&mut *self.pool.acquire().await?, ids).await
    }
}

/// What tells one membership from another.
fn parties(membership: &Membership) -> (Option<i64>, Option<i64>, Option<i64>, Option<i64>) {
    let (user, group) = match membership.member {
        Member::User(id) => (Some(id), None),
        Member::Group(id) => (None, Some(id)),
    };
    let (product, product_type) = match membership.of {
        Securable::Product(id) => (Some(id), None),
        Securable::ProductType(id) => (None, Some(id)),
    };
    (user, group, product, product_type)
}
