//! What was chosen: rules, and the destinations that follow from addresses and endpoints.

use futures_util::TryStreamExt as _;
use proto_events::Severity;
use proto_events::directory::{Destination, Filter, FilteredDestination, Limits, Rule, RuleScope};
use sqlx::PgConnection;

use super::Ids;
use crate::error::StoreError;
use crate::rule_words::channels;
use crate::unknown::Unknown;

pub(super) async fn rules(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<Rule>, StoreError> {
    // Their texts are long; none is kept longer than it takes to read it.
    let mut rows = sqlx::query!(
        r#"SELECT id, scope, user_id, product_id, product_type_id, group_id,
                  channels::text AS "channels!", muted, minimum_severity
           FROM rules WHERE $1::bigint[] IS NULL OR id = ANY ($1)"#,
        ids
    )
    .fetch(database);
    let mut rules = Vec::new();
    while let Some(row) = rows.try_next().await? {
        // Who belongs to a scope is seen to by the constraints rules_*_by_scope.
        let (of, product_type, group) = (row.product_id, row.product_type_id, row.group_id);
        let scope = match (row.scope.as_str(), row.user_id, of, product_type, group) {
            ("system", ..) => RuleScope::System,
            ("template", ..) => RuleScope::Template,
            ("personal", Some(user), ..) => RuleScope::Personal { user },
            ("product", Some(user), Some(product), ..) => RuleScope::Product { user, product },
            ("product_type", Some(user), _, Some(product_type), _) => {
                RuleScope::ProductType { user, product_type }
            }
            ("group", _, _, _, Some(group)) => RuleScope::Group { group },
            _ => {
                unknown.note("rules.scope", row.scope);
                continue;
            }
        };
        rules.push(Rule {
            id: row.id,
            scope,
            channels: channels(&row.channels, unknown),
            limits: Limits {
                muted: row.muted,
                minimum_severity: minimum_severity(row.minimum_severity, unknown),
            },
        });
    }
    Ok(rules)
}

/// A minimum severity, read back. One that this release does not know lets everything through:
/// better told once too often than never.
fn minimum_severity(word: Option<String>, unknown: &mut Unknown) -> Option<Severity> {
    let word = word?;
    let severity = word.parse().ok();
    if severity.is_none() {
        unknown.note("rules.minimum_severity", word);
    }
    severity
}

pub(super) async fn destinations(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<Destination>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, channel, user_id, switched_off FROM destinations
         WHERE gone_at IS NULL AND filter IS NULL AND ($1::bigint[] IS NULL OR id = ANY ($1)) ORDER BY id",
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

pub(super) async fn filtered(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<FilteredDestination>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT d.id, d.channel, d.switched_off, coalesce(d.name, w.name) AS "name!", d.filter AS "filter!"
           FROM destinations AS d LEFT JOIN notification_webhooks AS w ON w.id = d.webhook_id
           WHERE d.gone_at IS NULL AND d.filter IS NOT NULL AND ($1::bigint[] IS NULL OR d.id = ANY ($1))
           ORDER BY d.id"#,
        ids
    )
    .fetch_all(database)
    .await?;
    let filtered = rows.into_iter().filter_map(|row| {
        let Ok(channel) = row.channel.parse() else {
            unknown.note("destinations.channel", row.channel);
            return None;
        };
        // A filter that is not understood might let through what it is there to keep back.
        let Ok(filter) = serde_json::from_value::<Filter>(row.filter) else {
            unknown.note("destinations.filter", row.name);
            return None;
        };
        Some(FilteredDestination {
            destination: Destination {
                id: row.id,
                channel,
                user: None,
                switched_off: row.switched_off,
            },
            name: row.name,
            filter,
        })
    });
    Ok(filtered.collect())
}
