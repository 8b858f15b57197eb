//! The statements that write the directory, on rows of JSON in the contract's own form.
//! What these rows refer to is there already; see the [`Store`](crate::Store)'s methods.

use serde_json::Value;
use sqlx::PgConnection;

use crate::error::StoreError;

pub(crate) async fn users(database: &mut PgConnection, rows: Value) -> Result<(), StoreError> {
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
    .execute(database)
    .await?;
    Ok(())
}

pub(crate) async fn product_types(
    database: &mut PgConnection,
    rows: Value,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO product_types (id, name)
         SELECT id, name FROM jsonb_populate_recordset(NULL::product_types, $1)
         ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, deleted_at = NULL",
        rows
    )
    .execute(database)
    .await?;
    Ok(())
}

pub(crate) async fn products(database: &mut PgConnection, rows: Value) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO products (id, name, product_type, tags, disable_sla_breach_notifications, sla_configuration)
         SELECT id, name, product_type, tags, coalesce(disable_sla_breach_notifications, false),
                sla_configuration
         FROM jsonb_populate_recordset(NULL::products, $1)
         ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name,
             product_type = EXCLUDED.product_type, tags = EXCLUDED.tags,
             disable_sla_breach_notifications = EXCLUDED.disable_sla_breach_notifications,
             sla_configuration = EXCLUDED.sla_configuration,
             deleted_at = NULL",
        rows
    )
    .execute(database)
    .await?;
    Ok(())
}

pub(crate) async fn groups(database: &mut PgConnection, rows: Value) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO groups (id, name, global_role)
         SELECT id, name, global_role FROM jsonb_populate_recordset(NULL::groups, $1)
         ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, global_role = EXCLUDED.global_role",
        rows
    )
    .execute(database)
    .await?;
    Ok(())
}

pub(crate) async fn group_members(
    database: &mut PgConnection,
    rows: Value,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"INSERT INTO group_members (group_id, user_id)
           SELECT "group", "user" FROM jsonb_to_recordset($1) AS member ("group" bigint, "user" bigint)
           ON CONFLICT DO NOTHING"#,
        rows
    )
    .execute(database)
    .await?;
    Ok(())
}

pub(crate) async fn memberships(
    database: &mut PgConnection,
    rows: Value,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"INSERT INTO memberships (user_id, group_id, product_id, product_type_id, role)
           SELECT (member->>'user')::bigint, (member->>'group')::bigint,
                  ("of"->>'product')::bigint, ("of"->>'product_type')::bigint, role
           FROM jsonb_to_recordset($1) AS membership (member jsonb, "of" jsonb, role text)
           ON CONFLICT ON CONSTRAINT memberships_unique DO UPDATE SET role = EXCLUDED.role"#,
        rows
    )
    .execute(database)
    .await?;
    Ok(())
}
