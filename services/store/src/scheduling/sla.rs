//! Open findings whose SLA ends or has ended.

use chrono::NaiveDate;

use crate::error::StoreError;
use crate::store::Store;

/// Which findings count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaFilter {
    /// The day it is.
    pub today: NaiveDate,
    /// Days until the end of the SLA that are told of; negative once it is over.
    pub days: Vec<i32>,
    /// Only findings that somebody verified.
    pub verified_only: bool,
    /// Only findings with a JIRA issue.
    pub jira_only: bool,
}

/// How many findings of a product and severity have so many days left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaCount {
    /// The product.
    pub product: i64,
    /// Days left; negative: overdue.
    pub days: i32,
    /// DefectDojo's word.
    pub severity: String,
    /// How many.
    pub count: i64,
}

/// A finding with the names that people know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaFinding {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// DefectDojo's word.
    pub severity: String,
    /// The day it was found.
    pub date: NaiveDate,
    /// The day its SLA ends.
    pub sla_end: NaiveDate,
    /// Days left; negative: overdue.
    pub days: i32,
    /// Whether somebody verified it.
    pub verified: bool,
    /// Its test.
    pub test: i64,
    /// The test's title.
    pub test_title: String,
    /// Its engagement.
    pub engagement: i64,
    /// The engagement's name.
    pub engagement_name: String,
    /// The engagement's lead, by username.
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
    /// How many findings are to be told of, product by product in the order of their types'
    /// and their own names.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn sla_counts(&self, filter: &SlaFilter) -> Result<Vec<SlaCount>, StoreError> {
        let counts = sqlx::query_as!(
            SlaCount,
            r#"SELECT product AS "product!", sla_end - $1 AS "days!", severity AS "severity!",
                      count(*) AS "count!"
               FROM sla_findings
               WHERE sla_end - $1 = ANY($2) AND (verified OR NOT $3) AND (has_jira_issue OR NOT $4)
               GROUP BY product_type_name, product_name, product, sla_end, severity
               ORDER BY product_type_name, product_name, product, sla_end, severity"#,
            filter.today,
            &filter.days,
            filter.verified_only,
            filter.jira_only,
        );
        Ok(counts.fetch_all(&self.pool).await?)
    }

    /// The findings of these products that are to be told of: of those that are overdue, that
    /// end today and that will end at most `most` each, the worst and the most urgent first.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn sla_findings(
        &self,
        filter: &SlaFilter,
        products: &[i64],
        most: i64,
    ) -> Result<Vec<SlaFinding>, StoreError> {
        let findings = sqlx::query_as!(
            SlaFinding,
            r#"SELECT finding.id AS "id!", finding.title AS "title!", finding.severity AS "severity!",
                      finding.date AS "date!", finding.sla_end AS "sla_end!", finding.days AS "days!",
                      finding.verified AS "verified!", finding.test AS "test!", tests.title AS "test_title!",
                      finding.engagement AS "engagement!", engagement.name AS "engagement_name!",
                      engagement.lead_username, finding.product AS "product!",
                      engagement.product_name AS "product_name!", engagement.product_tags AS "product_tags!",
                      engagement.product_type AS "product_type!",
                      engagement.product_type_name AS "product_type_name!"
               FROM (
                   SELECT *, sla_end - $1 AS days, row_number() OVER (
                       PARTITION BY product, sign(sla_end - $1)
                       ORDER BY array_position(ARRAY['Critical', 'High', 'Medium', 'Low'], severity), sla_end, id
                   ) AS place
                   FROM sla_findings
                   WHERE product = ANY($5) AND sla_end - $1 = ANY($2)
                     AND (verified OR NOT $3) AND (has_jira_issue OR NOT $4)
               ) AS finding
               JOIN tests ON tests.id = finding.test
               JOIN engagement_facts AS engagement ON engagement.id = finding.engagement
               WHERE place <= $6
               ORDER BY engagement.product_type_name, engagement.product_name, finding.product,
                        sign(finding.days), place"#,
            filter.today,
            &filter.days,
            filter.verified_only,
            filter.jira_only,
            products,
            most,
        );
        Ok(findings.fetch_all(&self.pool).await?)
    }
}
