//! The statements that delete from the directory. Users, product types and products are
//! marked: what is late about them must be told from what nobody has heard of yet.

use sqlx::PgConnection;

use crate::error::StoreError;

pub(crate) async fn users(database: &mut PgConnection, ids: &[i64]) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE users SET deleted_at = now() WHERE id = ANY($1) AND deleted_at IS NULL",
        ids
    )
    .execute(database)
    .await?;
    Ok(())
}

pub(crate) async fn product_types(
    database: &mut PgConnection,
    ids: &[i64],
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE product_types SET deleted_at = now() WHERE id = ANY($1) AND deleted_at IS NULL",
        ids
    )
    .execute(database)
    .await?;
    Ok(())
}

pub(crate) async fn products(database: &mut PgConnection, ids: &[i64]) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE products SET deleted_at = now() WHERE id = ANY($1) AND deleted_at IS NULL",
        ids
    )
    .execute(database)
    .await?;
    Ok(())
}

/// Removes groups, and with them their members and memberships.
pub(crate) async fn groups(database: &mut PgConnection, ids: &[i64]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM groups WHERE id = ANY($1)", ids)
        .execute(database)
        .await?;
    Ok(())
}

/// Takes users out of groups, pair by pair.
pub(crate) async fn group_members(
    database: &mut PgConnection,
    groups: &[i64],
    users: &[i64],
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM group_members USING UNNEST($1::bigint[], $2::bigint[]) AS gone (group_id, user_id)
         WHERE group_members.group_id = gone.group_id AND group_members.user_id = gone.user_id",
        groups,
        users
    )
    .execute(database)
    .await?;
    Ok(())
}

/// Removes memberships, each named by user, group, product and product type.
pub(crate) async fn memberships(
    database: &mut PgConnection,
    parties: &[[Option<i64>; 4]],
) -> Result<(), StoreError> {
    let [users, groups, products, types] = [0, 1, 2, 3].map(|place| {
        parties
            .iter()
            .map(|parties| parties[place])
            .collect::<Vec<_>>()
    });
    sqlx::query!(
        "DELETE FROM memberships AS it
         USING UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
             AS gone (user_id, group_id, product_id, product_type_id)
         WHERE it.user_id IS NOT DISTINCT FROM gone.user_id
           AND it.group_id IS NOT DISTINCT FROM gone.group_id
           AND it.product_id IS NOT DISTINCT FROM gone.product_id
           AND it.product_type_id IS NOT DISTINCT FROM gone.product_type_id",
        &users as _,
        &groups as _,
        &products as _,
        &types as _,
    )
    .execute(database)
    .await?;
    Ok(())
}
