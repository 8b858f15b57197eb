//! Pauses and rates of destinations, which hold over all replicas of a sender.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use proto_events::{DestinationId, Reason, Service};
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::rows::column;
use crate::store::Store;

/// A destination, or all of a service, that is to be left alone for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Whose destination.
    pub service: Service,
    /// Which; none: all of them.
    pub destination: Option<DestinationId>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: Reason,
}

/// Attempts at a destination that were reserved: one at once when `wait` is over, the others
/// one interval apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// How long until the first.
    pub wait: Duration,
    /// How many; may be none.
    pub granted: usize,
    /// How long until the one after the last, which whoever got none may ask for then.
    pub next: Duration,
}

impl Store {
    /// Reserves attempts at destinations that are tried no more often than once in `interval`:
    /// as many as are wanted of each and come within `horizon`.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn reserve_slots(
        &self,
        wanted: &HashMap<DestinationId, usize>,
        interval: Duration,
        horizon: Duration,
    ) -> Result<HashMap<DestinationId, Slots>, StoreError> {
        // In order of the ids, so that two who reserve wait for each other and do not deadlock.
        let mut wanted: Vec<(DestinationId, i64)> = wanted
            .iter()
            .map(|(id, count)| (*id, i64::try_from(*count).unwrap_or(i64::MAX)))
            .collect();
        wanted.sort_unstable();
        let mut transaction = self.pool.begin().await?;
        let ids = column(&wanted, |(id, _)| *id);
        sqlx::query!(
            "INSERT INTO attempt_slots (destination, next_at) SELECT asked, now() FROM UNNEST($1::bigint[]) AS asked
             ON CONFLICT (destination) DO NOTHING",
            &ids
        )
        .execute(&mut *transaction)
        .await?;
        let rows = sqlx::query!(
            r#"WITH held AS (
                   SELECT destination, greatest(next_at, clock_timestamp()) AS first, clock_timestamp() AS present
                   FROM attempt_slots WHERE destination = ANY($1) ORDER BY destination FOR UPDATE
               ), granted AS (
                   SELECT held.*, least(count, greatest(0, 1 + floor(
                              (extract(epoch FROM present - first)::float8 + $4::float8) / $3::float8)))::bigint AS number
                   FROM held JOIN UNNEST($1::bigint[], $2::bigint[]) AS asked (id, count) ON id = destination
               )
               UPDATE attempt_slots AS slots
               SET next_at = first + granted.number * make_interval(secs => $3)
               FROM granted WHERE slots.destination = granted.destination
               RETURNING slots.destination, granted.number AS "number!",
                         extract(epoch FROM first - present)::float8 AS "wait!",
                         extract(epoch FROM slots.next_at - present)::float8 AS "next!""#,
            &ids,
            &column(&wanted, |(_, count)| *count),
            interval.as_secs_f64(),
            horizon.as_secs_f64(),
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let slots = rows.into_iter().map(|row| {
            let slots = Slots {
                wait: seconds(row.wait),
                granted: usize::try_from(row.number).unwrap_or_default(),
                next: seconds(row.next),
            };
            (row.destination, slots)
        });
        Ok(slots.collect())
    }
}

/// Writes pauses; of two for one destination the longer one counts.
pub(crate) async fn pause(database: &mut PgConnection, pauses: &[Pause]) -> Result<(), StoreError> {
    if pauses.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO pauses AS old (service, destination, paused_until, reason)
         SELECT DISTINCT ON (service, destination) service, destination, paused_until, reason
         FROM UNNEST($1::text[], $2::bigint[], $3::timestamptz[], $4::text[])
             AS t (service, destination, paused_until, reason)
         ORDER BY service, destination, paused_until DESC
         ON CONFLICT ON CONSTRAINT pauses_one_each
             DO UPDATE SET paused_until = EXCLUDED.paused_until, reason = EXCLUDED.reason
             WHERE old.paused_until < EXCLUDED.paused_until",
        &column(pauses, |pause| pause.service.as_str()) as _,
        &column(pauses, |pause| pause.destination) as _,
        &column(pauses, |pause| pause.until),
        &column(pauses, |pause| pause.reason.as_str()) as _,
    )
    .execute(database)
    .await?;
    Ok(())
}
