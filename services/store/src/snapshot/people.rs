//! Users, groups, and who is a member of what.

use futures_util::TryStreamExt as _;
use proto_events::directory::{Group, GroupMember, Member, Membership, Role, Row, Securable, User};
use sqlx::PgConnection;

use super::Ids;
use crate::error::StoreError;
use crate::unknown::Unknown;

pub(super) async fn users(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<User>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, username, first_name, last_name, email, active, superuser, global_role,
                slack_email, slack_user_id
         FROM users WHERE deleted_at IS NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?;
    let users = rows.into_iter().map(|row| User {
        id: row.id,
        username: row.username,
        first_name: row.first_name,
        last_name: row.last_name,
        email: row.email,
        active: row.active,
        superuser: row.superuser,
        global_role: role("users.global_role", row.global_role, unknown).unwrap_or(None),
        slack_email: row.slack_email,
        slack_user_id: row.slack_user_id,
    });
    Ok(users.collect())
}

pub(super) async fn groups(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<Group>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, name, global_role FROM groups
         WHERE $1::bigint[] IS NULL OR id = ANY ($1) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?;
    let groups = rows.into_iter().map(|row| Group {
        id: row.id,
        name: row.name,
        global_role: role("groups.global_role", row.global_role, unknown).unwrap_or(None),
    });
    Ok(groups.collect())
}

pub(super) async fn group_members(
    database: &mut PgConnection,
    ids: Ids<'_>,
    _: &mut Unknown,
) -> Result<Vec<Row<GroupMember>>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, group_id, user_id FROM group_members
         WHERE $1::bigint[] IS NULL OR id = ANY ($1)",
        ids
    )
    .fetch_all(database)
    .await?;
    let links = rows.into_iter().map(|row| Row {
        id: row.id,
        row: GroupMember {
            group: row.group_id,
            user: row.user_id,
        },
    });
    Ok(links.collect())
}

pub(super) async fn memberships(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<Row<Membership>>, StoreError> {
    // Exactly one of each pair is set (memberships_one_member, memberships_one_object).
    let mut rows = sqlx::query!(
        r#"SELECT id, user_id IS NOT NULL AS "is_user!", coalesce(user_id, group_id) AS "member!",
                  product_id IS NOT NULL AS "is_product!", coalesce(product_id, product_type_id) AS "object!",
                  role
           FROM memberships WHERE $1::bigint[] IS NULL OR id = ANY ($1)"#,
        ids
    )
    .fetch(database);
    let mut memberships = Vec::new();
    while let Some(row) = rows.try_next().await? {
        // A role of a newer release may be one that does not grant the view.
        let Some(role) = role("memberships.role", row.role, unknown) else {
            continue;
        };
        let member = if row.is_user {
            Member::User(row.member)
        } else {
            Member::Group(row.member)
        };
        let of = if row.is_product {
            Securable::Product(row.object)
        } else {
            Securable::ProductType(row.object)
        };
        let membership = Membership { member, of, role };
        memberships.push(Row {
            id: row.id,
            row: membership,
        });
    }
    Ok(memberships)
}

/// A role, read back; None if this release does not know it.
fn role(
    column: &'static str,
    value: Option<String>,
    unknown: &mut Unknown,
) -> Option<Option<Role>> {
    let Some(value) = value else {
        return Some(None);
    };
    let known = Role::ALL.into_iter().find(|role| role.as_str() == value);
    if known.is_none() {
        unknown.note(column, value);
    }
    known.map(Some)
}
