//! Rules, one by one.

use proto_events::Severity;
use proto_events::directory::{Limits, Rule, RuleScope};
use serde::Deserialize;
use sqlx::types::Json;

use crate::error::StoreError;
use crate::pages::{Change, Page, Window};
use crate::rows::json;
use crate::rules::NewRule;
use crate::store::Store;

/// Which rules are meant: those that agree with every member.
#[derive(Clone, Debug, Default)]
pub struct RuleFilter {
    /// The rule of this id.
    pub id: Option<i64>,
    /// Rules of this user.
    pub user: Option<i64>,
    /// Rules for this product.
    pub product: Option<i64>,
    /// The template, or everything else.
    pub template: Option<bool>,
    /// Only what belongs to this person.
    pub of: Option<i64>,
}

/// A rule as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedRule {
    /// The rule.
    pub rule: Rule,
    /// Another one after every change, so that nobody writes over what they have not seen.
    pub version: String,
}

/// What a rule may name, and whether somebody may name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The user is there.
    pub user: bool,
    /// The product is there, and theirs to see.
    pub product: bool,
    /// The product type is there, and theirs to see.
    pub product_type: bool,
    /// The group is there.
    pub group: bool,
}

impl Store {
    /// A page of rules, by id.
    ///
    /// # Errors
    /// If the database is away, or holds a rule this release cannot read.
    pub async fn rules_page(
        &self,
        filter: &RuleFilter,
        window: Window,
    ) -> Result<Page<ListedRule>, StoreError> {
        let found = sqlx::query!(
            r#"WITH matching AS (
                   SELECT id, scope, user_id AS "user", product_id AS product, product_type_id AS product_type,
                          group_id AS "group", channels,
                          jsonb_build_object('muted', muted, 'minimum_severity', minimum_severity) AS limits,
                          xmin::text AS version
                   FROM rules
                   WHERE ($1::bigint IS NULL OR id = $1) AND ($2::bigint IS NULL OR user_id = $2)
                     AND ($3::bigint IS NULL OR product_id = $3)
                     AND ($4::boolean IS NULL OR (scope = 'template') = $4)
                     AND ($5::bigint IS NULL OR user_id = $5)
               ), page AS (SELECT * FROM matching ORDER BY id LIMIT $6 OFFSET $7)
               SELECT (SELECT count(*) FROM matching) AS "count!",
                      coalesce((SELECT jsonb_agg(jsonb_build_object('rule', to_jsonb(page), 'version', version)
                                                 ORDER BY id) FROM page), '[]')
                          AS "rows!: Json<Vec<ListedRule>>""#,
            filter.id,
            filter.user,
            filter.product,
            filter.template,
            filter.of,
            i64::from(window.limit),
            window.offset
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Page {
            count: found.count,
            rows: found.rows.0,
        })
    }

    /// The rule of a scope, if there is one.
    ///
    /// # Errors
    /// If the database is away, or holds a rule this release cannot read.
    pub async fn rule_of(&self, scope: RuleScope) -> Result<Option<Rule>, StoreError> {
        let named = serde_json::to_value(scope)?;
        let found = sqlx::query_scalar!(
            r#"SELECT to_jsonb(it) AS "rule!: Json<Rule>"
               FROM (SELECT id, scope, user_id AS "user", product_id AS product, product_type_id AS product_type,
                            group_id AS "group", channels,
                            jsonb_build_object('muted', muted, 'minimum_severity', minimum_severity) AS limits
                     FROM rules
                     WHERE scope = $1 AND ($2::bigint IS NULL OR user_id = $2)
                       AND ($3::bigint IS NULL OR product_id = $3)
                       AND ($4::bigint IS NULL OR product_type_id = $4)
                       AND ($5::bigint IS NULL OR group_id = $5)) AS it"#,
            named["scope"].as_str(),
            named["user"].as_i64(),
            named["product"].as_i64(),
            named["product_type"].as_i64(),
            named["group"].as_i64()
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|rule| rule.0))
    }

    /// Writes a rule that is new, and gives its id; none if there is one of this scope.
    ///
    /// # Errors
    /// As [`Store::put_rule`].
    pub async fn add_rule(
        &self,
        rule: &NewRule,
        limits: Limits,
    ) -> Result<Option<i64>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"INSERT INTO rules (scope, user_id, product_id, product_type_id, group_id, channels,
                                  muted, minimum_severity)
               SELECT scope, "user", product, product_type, "group", channels, $2::boolean, $3::text
               FROM jsonb_to_record($1) AS rule (scope text, "user" bigint, product bigint,
                                                 product_type bigint, "group" bigint, channels jsonb)
               ON CONFLICT ON CONSTRAINT rules_unique DO NOTHING
               RETURNING id"#,
            json(serde_json::to_value(rule)?),
            limits.muted,
            limits.minimum_severity.map(Severity::as_str)
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Writes the rule of an id anew, its scope too: as long as it is the one of a version, if one is
    /// given. One that was changed since counts as gone.
    ///
    /// # Errors
    /// As [`Store::put_rule`].
    pub async fn change_rule(
        &self,
        id: i64,
        version: Option<&str>,
        rule: &NewRule,
        limits: Limits,
    ) -> Result<Change, StoreError> {
        let changed = sqlx::query!(
            r#"UPDATE rules SET scope = rule.scope, user_id = rule."user", product_id = rule.product,
                   product_type_id = rule.product_type, group_id = rule."group", channels = rule.channels,
                   muted = $3, minimum_severity = $4
               FROM jsonb_to_record($2) AS rule (scope text, "user" bigint, product bigint,
                                                 product_type bigint, "group" bigint, channels jsonb)
               WHERE id = $1 AND ($5::text IS NULL OR rules.xmin::text = $5)"#,
            id,
            json(serde_json::to_value(rule)?),
            limits.muted,
            limits.minimum_severity.map(Severity::as_str),
            version
        )
        .execute(&self.pool)
        .await
        .map_err(StoreError::from);
        Change::of(changed, "rules_unique")
    }

    /// Whether what a rule names is there; for a person also whether they may see it. What is
    /// not named is never missing.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn named(
        &self,
        user: Option<i64>,
        product: Option<i64>,
        product_type: Option<i64>,
        group: Option<i64>,
        person: Option<i64>,
    ) -> Result<Named, StoreError> {
        Ok(sqlx::query_as!(
            Named,
            r#"SELECT ($1::bigint IS NULL
                          OR EXISTS (SELECT FROM users WHERE id = $1 AND deleted_at IS NULL)) AS "user!",
                      ($2::bigint IS NULL
                          OR $5::bigint IS NULL
                             AND EXISTS (SELECT FROM products WHERE id = $2 AND deleted_at IS NULL)
                          OR EXISTS (SELECT FROM viewable_products($5) WHERE id = $2)) AS "product!",
                      ($3::bigint IS NULL
                          OR $5::bigint IS NULL
                             AND EXISTS (SELECT FROM product_types WHERE id = $3 AND deleted_at IS NULL)
                          OR EXISTS (SELECT FROM viewable_product_types($5) WHERE id = $3)) AS "product_type!",
                      ($4::bigint IS NULL OR EXISTS (SELECT FROM groups WHERE id = $4)) AS "group!""#,
            user,
            product,
            product_type,
            group,
            person
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
