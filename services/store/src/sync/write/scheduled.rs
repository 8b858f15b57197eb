//! The statements that write what the scheduler reads, on rows of JSON in the contract's
//! own form.

use proto_events::Kind;
use serde_json::Value;
use sqlx::PgConnection;

use crate::error::StoreError;

pub(super) async fn engagements(
    database: &mut PgConnection,
    rows: Value,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO engagements SELECT * FROM jsonb_populate_recordset(NULL::engagements, $1)
         ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, product = EXCLUDED.product,
             lead = EXCLUDED.lead, target_start = EXCLUDED.target_start,
             target_end = EXCLUDED.target_end, status = EXCLUDED.status, active = EXCLUDED.active",
        rows
    )
    .execute(database)
    .await?;
    Ok(())
}

pub(super) async fn tests(database: &mut PgConnection, rows: Value) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO tests SELECT * FROM jsonb_populate_recordset(NULL::tests, $1)
         ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, engagement = EXCLUDED.engagement",
        rows
    )
    .execute(database)
    .await?;
    Ok(())
}

pub(super) async fn findings(database: &mut PgConnection, rows: Value) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO findings SELECT * FROM jsonb_populate_recordset(NULL::findings, $1)
         ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, test = EXCLUDED.test,
             severity = EXCLUDED.severity, date = EXCLUDED.date,
             sla_start_date = EXCLUDED.sla_start_date,
             sla_expiration_date = EXCLUDED.sla_expiration_date, active = EXCLUDED.active,
             verified = EXCLUDED.verified, is_mitigated = EXCLUDED.is_mitigated,
             false_p = EXCLUDED.false_p, duplicate = EXCLUDED.duplicate,
             risk_accepted = EXCLUDED.risk_accepted, has_jira_issue = EXCLUDED.has_jira_issue",
        rows
    )
    .execute(database)
    .await?;
    Ok(())
}

pub(super) async fn risk_acceptances(
    database: &mut PgConnection,
    rows: Value,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO risk_acceptances
         SELECT * FROM jsonb_populate_recordset(NULL::risk_acceptances, $1)
         ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, product = EXCLUDED.product,
             engagement = EXCLUDED.engagement, expiration_date = EXCLUDED.expiration_date,
             expiration_date_warned = EXCLUDED.expiration_date_warned,
             expiration_date_handled = EXCLUDED.expiration_date_handled,
             reactivate_expired = EXCLUDED.reactivate_expired,
             restart_sla_expired = EXCLUDED.restart_sla_expired,
             accepted_findings = EXCLUDED.accepted_findings",
        rows
    )
    .execute(database)
    .await?;
    Ok(())
}

/// Removes objects of one of these kinds.
pub(super) async fn remove(
    database: &mut PgConnection,
    kind: Kind,
    ids: &[i64],
) -> Result<(), StoreError> {
    match kind {
        Kind::Engagement => sqlx::query!("DELETE FROM engagements WHERE id = ANY($1)", ids),
        Kind::Test => sqlx::query!("DELETE FROM tests WHERE id = ANY($1)", ids),
        Kind::Finding => sqlx::query!("DELETE FROM findings WHERE id = ANY($1)", ids),
        Kind::RiskAcceptance => {
            sqlx::query!("DELETE FROM risk_acceptances WHERE id = ANY($1)", ids)
        }
        _ => return Ok(()),
    }
    .execute(database)
    .await?;
    Ok(())
}
