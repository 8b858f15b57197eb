//! The directory's rows, for the router to hold in memory: all of them, or those that changed.
//!
//! What a newer release wrote and this one does not know is noted and passed over, since one
//! such row must not stop all routing: it routes nothing and opens nothing.

use proto_events::directory::{
    Destination, Group, GroupMember, Member, Membership, Product, ProductType, Role, Row, Rule,
    RuleScope, Securable, Snapshot, Touched, User,
};
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::rule_words::channels;
use crate::settings::read_settings;
use crate::store::Store;
use crate::unknown::Unknown;

/// The rows that are wanted: those with these ids, or all.
type Ids<'t> = Option<&'t [i64]>;

impl Store {
    /// Reads everything a decision depends on, as of one moment. Who keeps it up to date takes
    /// a [`Store::directory_reader`].
    ///
    /// # Errors
    /// If the database is away.
    pub async fn load_directory(&self) -> Result<Snapshot, StoreError> {
        Ok(self.directory_reader().load().await?.0)
    }

    /// A version of the directory that holds all that is committed now: an event that was
    /// decided with this one or a higher one was decided with all of it.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn directory_version(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS "version!""#
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

/// Reads rows of every table; the version is left to the caller.
pub(crate) async fn read_rows(
    database: &mut PgConnection,
    touched: Option<&Touched>,
) -> Result<Snapshot, StoreError> {
    let ids = |table: fn(&Touched) -> &Vec<i64>| touched.map(|touched| table(touched).as_slice());
    let mut unknown = Unknown::default();
    let snapshot = Snapshot {
        version: 0,
        users: users(database, ids(|touched| &touched.users), &mut unknown).await?,
        product_types: product_types(database, ids(|touched| &touched.product_types)).await?,
        products: products(database, ids(|touched| &touched.products)).await?,
        deleted_product_types: deleted_product_types(
            database,
            ids(|touched| &touched.product_types),
        )
        .await?,
        deleted_products: deleted_products(database, ids(|touched| &touched.products)).await?,
        groups: groups(database, ids(|touched| &touched.groups), &mut unknown).await?,
        group_members: group_members(database, ids(|touched| &touched.group_members)).await?,
        memberships: memberships(database, ids(|touched| &touched.memberships), &mut unknown)
            .await?,
        rules: rules(database, ids(|touched| &touched.rules), &mut unknown).await?,
        settings: read_settings(&mut *database).await?.0,
        destinations: destinations(database, ids(|touched| &touched.destinations), &mut unknown)
            .await?,
    };
    unknown.tell();
    Ok(snapshot)
}

async fn users(
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

async fn product_types(
    database: &mut PgConnection,
    ids: Ids<'_>,
) -> Result<Vec<ProductType>, StoreError> {
    Ok(sqlx::query_as!(
        ProductType,
        "SELECT id, name FROM product_types
         WHERE deleted_at IS NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?)
}

async fn deleted_product_types(
    database: &mut PgConnection,
    ids: Ids<'_>,
) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM product_types
         WHERE deleted_at IS NOT NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?)
}

async fn products(database: &mut PgConnection, ids: Ids<'_>) -> Result<Vec<Product>, StoreError> {
    Ok(sqlx::query_as!(
        Product,
        "SELECT id, name, product_type, tags FROM products
         WHERE deleted_at IS NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?)
}

async fn deleted_products(
    database: &mut PgConnection,
    ids: Ids<'_>,
) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM products
         WHERE deleted_at IS NOT NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?)
}

async fn groups(
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

async fn group_members(
    database: &mut PgConnection,
    ids: Ids<'_>,
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

async fn memberships(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<Row<Membership>>, StoreError> {
    // Exactly one of each pair is set (memberships_one_member, memberships_one_object).
    let rows = sqlx::query!(
        r#"SELECT id, user_id IS NOT NULL AS "is_user!", coalesce(user_id, group_id) AS "member!",
                  product_id IS NOT NULL AS "is_product!", coalesce(product_id, product_type_id) AS "object!",
                  role
           FROM memberships WHERE $1::bigint[] IS NULL OR id = ANY ($1)"#,
        ids
    )
    .fetch_all(database)
    .await?;
    let memberships = rows.into_iter().filter_map(|row| {
        // A role of a newer release may be one that does not grant the view.
        let role = role("memberships.role", row.role, unknown)?;
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
        Some(Row {
            id: row.id,
            row: membership,
        })
    });
    Ok(memberships.collect())
}

async fn rules(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<Rule>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, scope, user_id, product_id, channels::text AS "channels!"
           FROM rules WHERE $1::bigint[] IS NULL OR id = ANY ($1)"#,
        ids
    )
    .fetch_all(database)
    .await?;
    let rules = rows.into_iter().filter_map(|row| {
        let scope = match (row.scope.as_str(), row.user_id, row.product_id) {
            ("system", None, None) => RuleScope::System,
            ("template", None, None) => RuleScope::Template,
            ("personal", Some(user), None) => RuleScope::Personal { user },
            ("product", Some(user), Some(product)) => RuleScope::Product { user, product },
            _ => {
                unknown.note("rules.scope", row.scope);
                return None;
            }
        };
        Some(Rule {
            id: row.id,
            scope,
            channels: channels(&row.channels, unknown),
        })
    });
    Ok(rules.collect())
}

async fn destinations(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<Destination>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, channel, user_id, switched_off FROM destinations
         WHERE gone_at IS NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
        ids
    )
    .fetch_all(database)
    .await?;
    let destinations = rows
        .into_iter()
        .filter_map(|row| match row.channel.parse() {
            Ok(channel) => Some(Destination {
                id: row.id,
                channel,
                user: row.user_id,
                switched_off: row.switched_off,
            }),
            Err(_) => {
                unknown.note("destinations.channel", row.channel);
                None
            }
        });
    Ok(destinations.collect())
}

/// A role, read back; None if this release does not know it.
#[expect(clippy::option_option, reason = "no role is a role too")]
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
