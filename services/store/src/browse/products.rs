//! Products and product types, as far as a person may see them.

use serde::Deserialize;
use sqlx::types::Json;

use crate::error::StoreError;
use crate::pages::{Page, Window};
use crate::rows::owned;
use crate::store::Store;

/// Which products or product types are meant: those that agree with every member.
#[derive(Clone, Debug, Default)]
pub struct ProductFilter {
    /// The one of this id.
    pub id: Option<i64>,
    /// Of this name.
    pub name: Option<String>,
    /// Products of this type.
    pub product_type: Option<i64>,
    /// Products with this tag.
    pub tag: Option<String>,
    /// Products with this in their name, in whatever case.
    pub search: Option<String>,
    /// Only products that the person has a rule for.
    pub ruled: bool,
    /// Whom it is shown to.
    pub person: i64,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedProduct {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The type it belongs to.
    pub product_type: i64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Nobody is told of its findings' SLA.
    pub disable_sla_breach_notifications: bool,
    /// Users with a membership of it.
    pub members: Vec<i64>,
}

/// A product type.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedProductType {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Users with a membership of it.
    pub members: Vec<i64>,
}

impl Store {
    /// A page of products, by name.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn products_page(
        &self,
        filter: &ProductFilter,
        window: Window,
    ) -> Result<Page<ListedProduct>, StoreError> {
        let found = sqlx::query!(
            r#"WITH matching AS (
                   SELECT * FROM viewable_products($5)
                   WHERE ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR name = $2)
                     AND ($3::bigint IS NULL OR product_type = $3) AND ($4::text IS NULL OR $4 = ANY (tags))
                     AND ($8::text IS NULL OR strpos(lower(name), lower($8)) > 0)
                     AND (NOT $9 OR id IN (SELECT product_id FROM rules WHERE scope = 'product' AND user_id = $5))
               ), page AS (
                   SELECT id, name, product_type, tags, disable_sla_breach_notifications,
                          ARRAY(SELECT user_id FROM memberships AS m
                                WHERE m.product_id = matching.id AND user_id IS NOT NULL ORDER BY user_id) AS members
                   FROM matching ORDER BY name, id LIMIT $6 OFFSET $7
               )
               SELECT (SELECT count(*) FROM matching) AS "count!",
                      coalesce((SELECT jsonb_agg(to_jsonb(page) ORDER BY name, id) FROM page), '[]')
                          AS "rows!: Json<Vec<ListedProduct>>""#,
            filter.id,
            filter.name.as_deref().map(owned),
            filter.product_type,
            filter.tag.as_deref().map(owned),
            filter.person,
            i64::from(window.limit),
            window.offset,
            filter.search.as_deref().map(owned),
            filter.ruled
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Page {
            count: found.count,
            rows: found.rows.0,
        })
    }

    /// A page of product types, by name.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn product_types_page(
        &self,
        filter: &ProductFilter,
        window: Window,
    ) -> Result<Page<ListedProductType>, StoreError> {
        let found = sqlx::query!(
            r#"WITH matching AS (
                   SELECT * FROM viewable_product_types($3)
                   WHERE ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR name = $2)
               ), page AS (
                   SELECT id, name,
                          ARRAY(SELECT user_id FROM memberships AS m
                                WHERE m.product_type_id = matching.id AND user_id IS NOT NULL
                                ORDER BY user_id) AS members
                   FROM matching ORDER BY name, id LIMIT $4 OFFSET $5
               )
               SELECT (SELECT count(*) FROM matching) AS "count!",
                      coalesce((SELECT jsonb_agg(to_jsonb(page) ORDER BY name, id) FROM page), '[]')
                          AS "rows!: Json<Vec<ListedProductType>>""#,
            filter.id,
            filter.name.as_deref().map(owned),
            filter.person,
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
}
