//! What people chose.

use proto_events::Severity;
use proto_events::directory::{Limits, RuleChannels, RuleScope};
use serde::Serialize;

use crate::error::StoreError;
use crate::rows::{json, json_rows};
use crate::store::Store;

/// A rule to be written; there is one per scope.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NewRule {
    /// Whose rule it is.
    #[serde(flatten)]
    pub scope: RuleScope,
    /// The channels of every column.
    pub channels: RuleChannels,
}

impl Store {
    /// Writes rules as DefectDojo knows them: of those that are there, the channels are
    /// replaced, and limits that somebody set are kept.
    ///
    /// # Errors
    /// If the database is away, or a rule's user or product is unknown.
    pub async fn put_rules(&self, rules: &[NewRule]) -> Result<(), StoreError> {
        let rows = json_rows(rules, |rule| rule.scope)?;
        sqlx::query!(
            r#"INSERT INTO rules (scope, user_id, product_id, product_type_id, group_id, channels)
               SELECT scope, "user", product, product_type, "group", channels
               FROM jsonb_to_recordset($1) AS rule (scope text, "user" bigint, product bigint,
                                                    product_type bigint, "group" bigint, channels jsonb)
               ON CONFLICT ON CONSTRAINT rules_unique DO UPDATE SET channels = EXCLUDED.channels"#,
            rows
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Writes a rule with its limits, replacing the one of the same scope. Gives its id.
    ///
    /// # Errors
    /// If the database is away, the rule's user, group, product or product type is unknown, or
    /// a rule of this scope cannot have such a limit.
    pub async fn put_rule(&self, rule: &NewRule, limits: Limits) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"INSERT INTO rules (scope, user_id, product_id, product_type_id, group_id, channels,
                                  muted, minimum_severity)
               SELECT scope, "user", product, product_type, "group", channels, $2::boolean, $3::text
               FROM jsonb_to_record($1) AS rule (scope text, "user" bigint, product bigint,
                                                 product_type bigint, "group" bigint, channels jsonb)
               ON CONFLICT ON CONSTRAINT rules_unique DO UPDATE SET channels = EXCLUDED.channels,
                   muted = EXCLUDED.muted, minimum_severity = EXCLUDED.minimum_severity
               RETURNING id"#,
            json(serde_json::to_value(rule)?),
            limits.muted,
            limits.minimum_severity.map(Severity::as_str)
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Removes a rule by its id. Says whether it was there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn remove_rule(&self, id: i64) -> Result<bool, StoreError> {
        let removed = sqlx::query!("DELETE FROM rules WHERE id = $1", id)
            .execute(&self.pool)
            .await?;
        Ok(removed.rows_affected() > 0)
    }
}
