//! Engagements whose days come.

use chrono::NaiveDate;

use crate::error::StoreError;
use crate::store::Store;

/// How many engagements are read at a time.
const PAGE: i64 = 1000;

/// An engagement with the names that people know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngagementFacts {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its name; may be empty.
    pub name: String,
    /// First day.
    pub target_start: NaiveDate,
    /// Last day.
    pub target_end: NaiveDate,
    /// DefectDojo's status, e.g. `In Progress`.
    pub status: String,
    /// The user who leads it, if any.
    pub lead: Option<i64>,
    /// The lead's username; none if there is no lead, or the lead is inactive or gone.
    pub lead_username: Option<String>,
    /// Its product.
    pub product: i64,
    /// The product's name.
    pub product_name: String,
    /// The product's tags.
    pub product_tags: Vec<String>,
    /// The product's type.
    pub product_type: i64,
    /// The type's name.
    pub product_type_name: String,
}

impl Store {
    /// A page of the engagements in sight, neither completed nor cancelled, that begin within
    /// these days; by id, beginning after `after`. The last page is empty.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn engagements_beginning(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        after: i64,
    ) -> Result<Vec<EngagementFacts>, StoreError> {
        let page = sqlx::query_as!(
            EngagementFacts,
            r#"SELECT id AS "id!", name AS "name!", target_start AS "target_start!", target_end AS "target_end!",
                      status AS "status!", lead, lead_username, product AS "product!",
                      product_name AS "product_name!", product_tags AS "product_tags!",
                      product_type AS "product_type!", product_type_name AS "product_type_name!"
               FROM engagement_facts
               WHERE target_start BETWEEN $1 AND $2 AND status NOT IN ('Completed', 'Cancelled') AND id > $3
               ORDER BY id LIMIT $4"#,
            from,
            to,
            after,
            PAGE,
        );
        Ok(page.fetch_all(&self.pool).await?)
    }

    /// A page of the engagements in sight that are in progress and end within these days,
    /// likewise; none: whenever before.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn engagements_ending(
        &self,
        from: Option<NaiveDate>,
        to: NaiveDate,
        after: i64,
    ) -> Result<Vec<EngagementFacts>, StoreError> {
        let page = sqlx::query_as!(
            EngagementFacts,
            r#"SELECT id AS "id!", name AS "name!", target_start AS "target_start!", target_end AS "target_end!",
                      status AS "status!", lead, lead_username, product AS "product!",
                      product_name AS "product_name!", product_tags AS "product_tags!",
                      product_type AS "product_type!", product_type_name AS "product_type_name!"
               FROM engagement_facts
               WHERE target_end >= coalesce($1, '-infinity'::date) AND target_end <= $2
                 AND status = 'In Progress' AND id > $3
               ORDER BY id LIMIT $4"#,
            from,
            to,
            after,
            PAGE,
        );
        Ok(page.fetch_all(&self.pool).await?)
    }
}
