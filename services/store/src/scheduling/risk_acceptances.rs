//! Risk acceptances that end.

use chrono::{DateTime, Utc};
use proto_events::payload::FindingObject;

use super::engagements::EngagementFacts;
use crate::error::StoreError;
use crate::store::Store;

/// How many risk acceptances are read at a time.
const PAGE: i64 = 200;

/// How many of the accepted findings are read; the others are counted.
const LISTED: i64 = 50;

/// A risk acceptance that has ended or will, and that nobody has dealt with.
#[derive(Clone, Debug, PartialEq)]
pub struct EndingAcceptance {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// When it ends.
    pub expiration_date: DateTime<Utc>,
    /// Whether people were told before that it will end.
    pub warned: bool,
    /// Whether its findings become active again.
    pub reactivate_expired: bool,
    /// Whether their SLA then begins anew.
    pub restart_sla_expired: bool,
    /// Its engagement, or else the first accepted finding's; none if neither is in sight.
    pub engagement: Option<EngagementFacts>,
    /// How many accepted findings are in sight.
    pub accepted: i64,
    /// The worst of them, at most 50.
    pub findings: Vec<FindingObject>,
}

impl Store {
    /// A page of the risk acceptances in sight that end before a moment and that DefectDojo has
    /// not dealt with; by id, beginning after `after`. The last page is empty.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn acceptances_ending(
        &self,
        before: DateTime<Utc>,
        after: i64,
    ) -> Result<Vec<EndingAcceptance>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT acceptance.id AS "id!", acceptance.name AS "name!",
                      acceptance.expiration_date AS "expiration_date!",
                      acceptance.expiration_date_warned IS NOT NULL AS "warned!",
                      acceptance.reactivate_expired AS "reactivate_expired!",
                      acceptance.restart_sla_expired AS "restart_sla_expired!",
                      accepted.count AS "accepted!", accepted.listed AS "listed!",
                      engagement.id AS "engagement?", engagement.name AS "engagement_name?",
                      engagement.target_start AS "target_start?", engagement.target_end AS "target_end?",
                      engagement.status AS "status?", engagement.lead, engagement.lead_username,
                      engagement.product AS "product?", engagement.product_name AS "product_name?",
                      engagement.product_tags AS "product_tags?", engagement.product_type AS "product_type?",
                      engagement.product_type_name AS "product_type_name?"
               FROM live_risk_acceptances AS acceptance
               CROSS JOIN LATERAL (
                   SELECT count(*) AS count, (array_agg(engagement ORDER BY id))[1] AS engagement,
                          coalesce(jsonb_agg(jsonb_build_object('id', id, 'title', title, 'severity', severity,
                                      'active', active, 'verified', verified, 'date', date,
                                      'sla_expiration_date', sla_expiration_date) ORDER BY place)
                                   FILTER (WHERE place <= $4), '[]') AS listed
                   FROM (SELECT *, row_number() OVER (ORDER BY array_position(
                             ARRAY['Critical', 'High', 'Medium', 'Low', 'Info'], severity), id) AS place
                         FROM live_findings WHERE id = ANY(acceptance.accepted_findings)) AS finding
               ) AS accepted
               LEFT JOIN engagement_facts AS engagement
                   ON engagement.id = coalesce(acceptance.engagement, accepted.engagement)
               WHERE acceptance.expiration_date < $1 AND acceptance.expiration_date_handled IS NULL
                 AND acceptance.id > $2
               ORDER BY acceptance.id LIMIT $3"#,
            before,
            after,
            PAGE,
            LISTED,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let engagement = row.engagement.map(|id| EngagementFacts {
                    id,
                    name: row.engagement_name.unwrap_or_default(),
                    target_start: row.target_start.unwrap_or_default(),
                    target_end: row.target_end.unwrap_or_default(),
                    status: row.status.unwrap_or_default(),
                    lead: row.lead,
                    lead_username: row.lead_username,
                    product: row.product.unwrap_or_default(),
                    product_name: row.product_name.unwrap_or_default(),
                    product_tags: row.product_tags.unwrap_or_default(),
                    product_type: row.product_type.unwrap_or_default(),
                    product_type_name: row.product_type_name.unwrap_or_default(),
                });
                Ok(EndingAcceptance {
                    id: row.id,
                    name: row.name,
                    expiration_date: row.expiration_date,
                    warned: row.warned,
                    reactivate_expired: row.reactivate_expired,
                    restart_sla_expired: row.restart_sla_expired,
                    engagement,
                    accepted: row.accepted,
                    findings: serde_json::from_value(row.listed)?,
                })
            })
            .collect()
    }
}
