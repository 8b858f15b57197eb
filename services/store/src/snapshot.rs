//! The whole directory at one moment, for the router to hold in memory.

use std::collections::{BTreeMap, BTreeSet};

use proto_events::directory::{
    Destination, Group, GroupMember, Member, Membership, Product, ProductType, Rule, RuleChannels,
    RuleScope, Securable, Snapshot, User,
};
use proto_events::{Channel, ChannelSet, Column};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::error::StoreError;
use crate::rows::{role, word};
use crate::settings::read_settings;
use crate::store::Store;

/// Every table is read as of one moment.
const ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

impl Store {
    /// Which state of the directory is visible now; cheap enough to ask several times a
    /// second. It is the number of changes logged: whatever commits adds to it, also a
    /// transaction that drew its place in the log before others and ends after them.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn directory_version(&self) -> Result<i64, StoreError> {
        let mut connection = self.pool.acquire().await?;
        version(&mut connection).await
    }

    /// Reads everything a decision depends on, as of one moment.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn load_directory(&self) -> Result<Snapshot, StoreError> {
        let mut transaction = self.pool.begin_with(ONE_MOMENT).await?;
        let database = &mut *transaction;
        let snapshot = Snapshot {
            version: version(database).await?,
            users: users(database).await?,
            product_types: product_types(database).await?,
            products: products(database).await?,
            deleted_product_types: deleted_product_types(database).await?,
            deleted_products: deleted_products(database).await?,
            groups: groups(database).await?,
            group_members: group_members(database).await?,
            memberships: memberships(database).await?,
            rules: rules(database).await?,
            settings: read_settings(&mut *database).await?.0,
            destinations: destinations(database).await?,
        };
        transaction.commit().await?;
        Ok(snapshot)
    }
}

async fn version(database: &mut PgConnection) -> Result<i64, StoreError> {
    Ok(
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM change_log"#)
            .fetch_one(database)
            .await?,
    )
}

async fn users(database: &mut PgConnection) -> Result<Vec<User>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, username, first_name, last_name, email, active, superuser, global_role,
                slack_email, slack_user_id
         FROM users WHERE deleted_at IS NULL ORDER BY id"
    )
    .fetch_all(database)
    .await?;
    let users = rows.into_iter().map(|row| {
        Ok(User {
            id: row.id,
            username: row.username,
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email,
            active: row.active,
            superuser: row.superuser,
            global_role: role("users.global_role", row.global_role)?,
            slack_email: row.slack_email,
            slack_user_id: row.slack_user_id,
        })
    });
    users.collect()
}

async fn product_types(database: &mut PgConnection) -> Result<Vec<ProductType>, StoreError> {
    Ok(sqlx::query_as!(
        ProductType,
        "SELECT id, name FROM product_types WHERE deleted_at IS NULL ORDER BY id"
    )
    .fetch_all(database)
    .await?)
}

async fn deleted_product_types(database: &mut PgConnection) -> Result<Vec<i64>, StoreError> {
    Ok(
        sqlx::query_scalar!(
            "SELECT id FROM product_types WHERE deleted_at IS NOT NULL ORDER BY id"
        )
        .fetch_all(database)
        .await?,
    )
}

async fn products(database: &mut PgConnection) -> Result<Vec<Product>, StoreError> {
    Ok(sqlx::query_as!(
        Product,
        "SELECT id, name, product_type, tags FROM products WHERE deleted_at IS NULL ORDER BY id"
    )
    .fetch_all(database)
    .await?)
}

async fn deleted_products(database: &mut PgConnection) -> Result<Vec<i64>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT id FROM products WHERE deleted_at IS NOT NULL ORDER BY id")
            .fetch_all(database)
            .await?,
    )
}

async fn groups(database: &mut PgConnection) -> Result<Vec<Group>, StoreError> {
    let rows = sqlx::query!("SELECT id, name, global_role FROM groups ORDER BY id")
        .fetch_all(database)
        .await?;
    let groups = rows.into_iter().map(|row| {
        let global_role = role("groups.global_role", row.global_role)?;
        Ok(Group {
            id: row.id,
            name: row.name,
            global_role,
        })
    });
    groups.collect()
}

async fn group_members(database: &mut PgConnection) -> Result<Vec<GroupMember>, StoreError> {
    Ok(sqlx::query_as!(
        GroupMember,
        r#"SELECT group_id AS "group", user_id AS "user" FROM group_members ORDER BY group_id, user_id"#
    )
    .fetch_all(database)
    .await?)
}

async fn memberships(database: &mut PgConnection) -> Result<Vec<Membership>, StoreError> {
    // Exactly one of each pair is set (memberships_one_member, memberships_one_object).
    let rows = sqlx::query!(
        r#"SELECT user_id IS NOT NULL AS "is_user!", coalesce(user_id, group_id) AS "member!",
                  product_id IS NOT NULL AS "is_product!", coalesce(product_id, product_type_id) AS "object!",
                  role
           FROM memberships ORDER BY id"#
    )
    .fetch_all(database)
    .await?;
    let memberships = rows.into_iter().map(|row| {
        Ok(Membership {
            member: if row.is_user {
                Member::User(row.member)
            } else {
                Member::Group(row.member)
            },
            of: if row.is_product {
                Securable::Product(row.object)
            } else {
                Securable::ProductType(row.object)
            },
            role: role("memberships.role", row.role)?,
        })
    });
    memberships.collect()
}

async fn rules(database: &mut PgConnection) -> Result<Vec<Rule>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, scope, user_id, product_id, channels AS "channels: Json<NamedChannels>" FROM rules ORDER BY id"#
    )
    .fetch_all(database)
    .await?;
    let mut unknown = BTreeSet::new();
    let rules = rows.into_iter().map(|row| {
        let scope = match (row.scope.as_str(), row.user_id, row.product_id) {
            ("system", None, None) => RuleScope::System,
            ("template", None, None) => RuleScope::Template,
            ("personal", Some(user), None) => RuleScope::Personal { user },
            ("product", Some(user), Some(product)) => RuleScope::Product { user, product },
            _ => {
                return Err(StoreError::UnknownWord {
                    column: "rules.scope",
                    value: row.scope,
                });
            }
        };
        Ok(Rule {
            id: row.id,
            scope,
            channels: known(row.channels.0, &mut unknown),
        })
    });
    let rules = rules.collect();
    if !unknown.is_empty() {
        tracing::warn!(
            ?unknown,
            "rules name columns or channels that this release does not know; it passes over them"
        );
    }
    rules
}

/// A rule's channels by column, as they are named in the row.
type NamedChannels = BTreeMap<String, Vec<String>>;

/// What this release knows of a rule. A newer one may have written names beyond that; they
/// are noted and passed over, since one such row must not stop all routing.
fn known(named: NamedChannels, unknown: &mut BTreeSet<String>) -> RuleChannels {
    let mut rule = RuleChannels::default();
    for (name, channels) in named {
        let Ok(column) = name.parse::<Column>() else {
            unknown.insert(name);
            continue;
        };
        let mut set = ChannelSet::EMPTY;
        for name in channels {
            if let Ok(channel) = name.parse::<Channel>() {
                set = set.with(channel);
            } else {
                unknown.insert(name);
            }
        }
        rule.set(column, set);
    }
    rule
}

async fn destinations(database: &mut PgConnection) -> Result<Vec<Destination>, StoreError> {
    let rows =
        sqlx::query!("SELECT id, channel, user_id, switched_off FROM destinations WHERE gone_at IS NULL ORDER BY id")
            .fetch_all(database)
            .await?;
    let destinations = rows.into_iter().map(|row| {
        let channel = word("destinations.channel", &row.channel)?;
        Ok(Destination {
            id: row.id,
            channel,
            user: row.user_id,
            switched_off: row.switched_off,
        })
    });
    destinations.collect()
}
