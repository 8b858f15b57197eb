//! One look at the change log, within a transaction that sees one moment.

use proto_events::directory::Touched;
use sqlx::PgTransaction;

use super::Moment;
use crate::error::StoreError;

/// The moment of a look, and why the log does not tell what changed since another, if so.
pub(super) async fn moment(
    transaction: &mut PgTransaction<'_>,
    since: Option<&Moment>,
) -> Result<(Moment, Option<&'static str>), StoreError> {
    let row = sqlx::query!(
        r#"SELECT now.snapshot::text AS "snapshot!",
                  pg_snapshot_xmin(now.snapshot)::text::bigint AS "version!",
                  pg_postmaster_start_time() AS "server!", pg_is_in_recovery() AS "standby!",
                  pruned_below > pg_snapshot_xmin(coalesce($1::text::pg_snapshot, now.snapshot)) AS "pruned!"
           FROM change_log_horizon, (SELECT pg_current_snapshot() AS snapshot) AS now"#,
        since.map(|since| since.snapshot.as_str())
    )
    .fetch_one(&mut **transaction)
    .await?;
    if row.standby {
        return Err(StoreError::Standby);
    }
    let missed = match since {
        Some(since) if since.server != row.server => Some("the database server was started anew"),
        Some(_) if row.pruned => Some("the last look is longer ago than the change log reaches"),
        _ => None,
    };
    let moment = Moment {
        version: row.version,
        snapshot: row.snapshot,
        server: row.server,
    };
    Ok((moment, missed))
}

/// What the log names.
#[derive(Default)]
pub(super) struct Logged {
    pub(super) rows: Touched,
    /// Whether System Settings changed; they are read with every delta.
    settings: bool,
}

impl Logged {
    /// Whether nothing changed.
    pub(super) fn is_empty(&self) -> bool {
        !self.settings && self.rows == Touched::default()
    }
}

/// The rows that are logged now and were not at the moment; None if the log names none.
pub(super) async fn touched(
    transaction: &mut PgTransaction<'_>,
    since: &Moment,
) -> Result<Option<Logged>, StoreError> {
    // Below the oldest transaction that was under way then, all was seen. A number beyond our
    // own snapshot comes from another server, by a restored copy.
    let rows = sqlx::query!(
        "SELECT table_name, ids FROM change_log
         WHERE txid >= pg_snapshot_xmin($1::text::pg_snapshot)
           AND txid < pg_snapshot_xmax(pg_current_snapshot())
           AND NOT pg_visible_in_snapshot(txid, $1::text::pg_snapshot)",
        since.snapshot
    )
    .fetch_all(&mut **transaction)
    .await?;
    let mut logged = Logged::default();
    for row in rows {
        let Some(ids) = row.ids else { return Ok(None) };
        let list = match row.table_name.as_str() {
            "users" => &mut logged.rows.users,
            "product_types" => &mut logged.rows.product_types,
            "products" => &mut logged.rows.products,
            "groups" => &mut logged.rows.groups,
            "group_members" => &mut logged.rows.group_members,
            "memberships" => &mut logged.rows.memberships,
            "rules" => &mut logged.rows.rules,
            "destinations" => &mut logged.rows.destinations,
            "timetables" => &mut logged.rows.timetables,
            "system_settings" => {
                logged.settings = true;
                continue;
            }
            // A newer release logs tables that no decision of this one depends on.
            _ => continue,
        };
        list.extend(ids);
    }
    Ok(Some(logged))
}
