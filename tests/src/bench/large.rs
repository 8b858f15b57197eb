//! A large organisation: 10,000 users, 5,000 products, 200,000 memberships, 60,000 rules.

use anyhow::Result;
use proto_events::directory::RuleChannels;
use proto_events::{Channel, ChannelSet, Column};
use sqlx::PgConnection;
use sqlx::types::Json;

/// A product, and how many users may view it.
pub const MANY_VIEWERS: (i64, usize) = (1, 5000);

/// A product, and how many users may view it.
pub const SOME_VIEWERS: (i64, usize) = (2, 100);

/// Everything but the rules. Users get their personal rules and destinations by triggers.
const PEOPLE: [&str; 5] = [
    "INSERT INTO product_types SELECT id, 'Product type ' || id FROM generate_series(1, 200) AS id",
    "INSERT INTO products SELECT id, 'Product ' || id, 1 + id % 200, '{bench}' FROM generate_series(1, 5000) AS id",
    "INSERT INTO users (id, username, first_name, last_name, email, active)
     SELECT id, 'user' || id, 'Ada', 'Number ' || id, 'user' || id || '@bench.example', true
     FROM generate_series(1, 10000) AS id",
    "INSERT INTO memberships (user_id, product_id, role)
     SELECT id, 1, 'Reader' FROM generate_series(1, 5000) AS id
     UNION ALL SELECT id, 2, 'Reader' FROM generate_series(1, 100) AS id",
    "INSERT INTO memberships (user_id, product_id, role)
     SELECT id, 3 + (id * 7 + place * 257) % 4998, 'Writer'
     FROM generate_series(0, 19) AS place, generate_series(1, 10000) AS id LIMIT 194900",
];

/// Writes the organisation to an empty database.
///
/// # Errors
/// If the database is away.
pub async fn settle_in(database: &mut PgConnection) -> Result<()> {
    for statement in PEOPLE {
        sqlx::query(statement).execute(&mut *database).await?;
    }
    sqlx::query("UPDATE rules SET channels = $1 WHERE scope = 'personal'")
        .bind(Json(own_rule()))
        .execute(&mut *database)
        .await?;
    sqlx::query(
        "INSERT INTO rules (scope, user_id, product_id, channels)
         SELECT 'product', id, 3 + (id * 7 + place * 257) % 4998, $1
         FROM generate_series(0, 4) AS place, generate_series(1, 10000) AS id",
    )
    .bind(Json(own_rule()))
    .execute(&mut *database)
    .await?;
    sqlx::query("ANALYZE").execute(&mut *database).await?;
    Ok(())
}

/// Takes a user's membership of a product away, or gives it back.
///
/// # Errors
/// If the database is away.
pub async fn change_one(database: &mut PgConnection, user: i64) -> Result<()> {
    let taken = sqlx::query("DELETE FROM memberships WHERE user_id = $1 AND product_id = 1")
        .bind(user)
        .execute(&mut *database)
        .await?;
    if taken.rows_affected() == 0 {
        sqlx::query("INSERT INTO memberships (user_id, product_id) VALUES ($1, 1)")
            .bind(user)
            .execute(&mut *database)
            .await?;
    }
    Ok(())
}

/// Changes every rule of everybody; gives their number.
///
/// # Errors
/// If the database is away.
pub async fn change_all_rules(database: &mut PgConnection) -> Result<u64> {
    let changed = sqlx::query(
        "UPDATE rules SET channels = jsonb_set(channels, '{other}',
             CASE channels->'other' WHEN '[]' THEN '[\"alert\"]' ELSE '[]' END::jsonb)",
    )
    .execute(&mut *database)
    .await?;
    Ok(changed.rows_affected())
}

/// A rule that names every column, as people's rules do.
fn own_rule() -> RuleChannels {
    let mut rule = RuleChannels::default();
    let both = ChannelSet::ALERT.with(Channel::Mail);
    for column in [Column::ScanAdded, Column::SlaBreach, Column::UserMentioned] {
        rule.set(column, both);
    }
    rule
}
