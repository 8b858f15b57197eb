//! What people chose.

use proto_events::directory::{RuleChannels, RuleScope};
use serde::Serialize;

use crate::error::StoreError;
use crate::rows::json_rows;
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
    /// Writes rules, replacing those of the same scope.
    ///
    /// # Errors
    /// If the database is away, or a rule's user or product is unknown.
    pub async fn put_rules(&self, rules: &[NewRule]) -> Result<(), StoreError> {
        let rows = json_rows(rules, |rule| rule.scope)?;
        sqlx::query!(
            r#"INSERT INTO rules (scope, user_id, product_id, channels)
               SELECT scope, "user", product, channels
               FROM jsonb_to_recordset($1) AS rule (scope text, "user" bigint, product bigint, channels jsonb)
               ON CONFLICT ON CONSTRAINT rules_unique DO UPDATE SET channels = EXCLUDED.channels"#,
            rows
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
