//! Who exists and who may see what: users, products, groups, memberships.
//!
//! Every `put_` inserts what is new and updates what is there; writing the same again
//! changes nothing and wakes nobody. A marked row comes back when it is put again.

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
        sqlx::query!(
            "INSERT INTO users (id, username, first_name, last_name, email, active, superuser,
                                global_role, slack_email, slack_user_id)
             SELECT id, username, first_name, last_name, email, active, superuser,
                    global_role, slack_email, slack_user_id
             FROM jsonb_populate_recordset(NULL::users, $1)
             ON CONFLICT (id) DO UPDATE SET
                 username = EXCLUDED.username, first_name = EXCLUDED.first_name,
                 last_name = EXCLUDED.last_name, email = EXCLUDED.email,
                 active = EXCLUDED.active, superuser = EXCLUDED.superuser,
                 global_role = EXCLUDED.global_role, slack_email = EXCLUDED.slack_email,
                 slack_user_id = coalesce(EXCLUDED.slack_user_id,
                     CASE WHEN users.slack_email = EXCLUDED.slack_email THEN users.slack_user_id END),
                 deleted_at = NULL",
            rows
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Writes product types.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn put_product_types(&self, types: &[ProductType]) -> Result<(), StoreError> {
        let rows = json_rows(types, |product_type| product_type.id)?;
        sqlx::query!(
            "INSERT INTO product_types (id, name)
             SELECT id, name FROM jsonb_populate_recordset(NULL::product_types, $1)
             ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, deleted_at = NULL",
            rows
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Writes products; their types come first.
    ///
    /// # Errors
    /// If the database is away, or a product's type is unknown.
    pub async fn put_products(&self, products: &[Product]) -> Result<(), StoreError> {
        let rows = json_rows(products, |product| product.id)?;
        sqlx::query!(
            "INSERT INTO products (id, name, product_type, tags)
             SELECT id, name, product_type, tags FROM jsonb_populate_recordset(NULL::products, $1)
             ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name,
                 product_type = EXCLUDED.product_type, tags = EXCLUDED.tags, deleted_at = NULL",
            rows
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Writes groups.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn put_groups(&self, groups: &[Group]) -> Result<(), StoreError> {
        let rows = json_rows(groups, |group| group.id)?;
        sqlx::query!(
            "INSERT INTO groups (id, name, global_role)
             SELECT id, name, global_role FROM jsonb_populate_recordset(NULL::groups, $1)
             ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, global_role = EXCLUDED.global_role",
            rows
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Puts users into groups; both come first.
    ///
    /// # Errors
    /// If the database is away, or a user or group is unknown.
    pub async fn put_group_members(&self, members: &[GroupMember]) -> Result<(), StoreError> {
        let rows = json_rows(members, |member| (member.group, member.user))?;
        sqlx::query!(
            r#"INSERT INTO group_members (group_id, user_id)
               SELECT "group", "user" FROM jsonb_to_recordset($1) AS member ("group" bigint, "user" bigint)
               ON CONFLICT DO NOTHING"#,
            rows
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Writes memberships: one per member and object, the role as given.
    ///
    /// # Errors
    /// If the database is away, or one of the parties is unknown.
    pub async fn put_memberships(&self, memberships: &[Membership]) -> Result<(), StoreError> {
        let rows = json_rows(memberships, parties)?;
        sqlx::query!(
            r#"INSERT INTO memberships (user_id, group_id, product_id, product_type_id, role)
               SELECT (member->>'user')::bigint, (member->>'group')::bigint,
                      ("of"->>'product')::bigint, ("of"->>'product_type')::bigint, role
               FROM jsonb_to_recordset($1) AS membership (member jsonb, "of" jsonb, role text)
               ON CONFLICT ON CONSTRAINT memberships_unique DO UPDATE SET role = EXCLUDED.role"#,
            rows
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Marks users as deleted: they are told nothing, and what is under way to them ends.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn delete_users(&self, ids: &[i64]) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE users SET deleted_at = now() WHERE id = ANY($1) AND deleted_at IS NULL",
            ids
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Marks product types as deleted, so that no event waits for them.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn delete_product_types(&self, ids: &[i64]) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE product_types SET deleted_at = now() WHERE id = ANY($1) AND deleted_at IS NULL",
            ids
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Marks products as deleted, so that no event waits for them.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn delete_products(&self, ids: &[i64]) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE products SET deleted_at = now() WHERE id = ANY($1) AND deleted_at IS NULL",
            ids
        )
        .execute(&self.pool)
        .await?;
        Ok(())
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
