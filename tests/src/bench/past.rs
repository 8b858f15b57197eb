//! A database that has been in use: a ledger of earlier deliveries, and statistics, which the
//! server gathers by itself within a minute of a table's first rows. Without them it plans for
//! tables of a page or two, and keeps such plans while thousands of rows come.

use anyhow::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// How many deliveries were made before.
const EARLIER: i32 = 100_000;

/// The source of their events.
pub const SOURCE: &str = "https://past.bench.example";

/// Fills the ledger.
///
/// # Errors
/// If the database is away.
pub async fn fill(database: &mut PgConnection) -> Result<()> {
    sqlx::query(
        "INSERT INTO deliveries (job_id, attempt, service, channel, event_source, event_id, event_name,
                                 destination, lease_until, state, status, started_at, finished_at)
         SELECT gen_random_uuid(), 1, 'webhook-sender', 'webhooks', $1, gen_random_uuid(), 'scan_added',
                n % 50, now(), 'delivered', 200, now() - interval '1 day', now() - interval '1 day'
         FROM generate_series(1, $2) AS n",
    )
    .bind(SOURCE)
    .bind(EARLIER)
    .execute(&mut *database)
    .await?;
    sqlx::query("VACUUM ANALYZE").execute(database).await?;
    Ok(())
}

/// Leaves only what was there before a round.
///
/// # Errors
/// If the database is away.
pub async fn restore(database: &mut PgConnection) -> Result<()> {
    sqlx::query("DELETE FROM deliveries WHERE event_source <> $1")
        .bind(SOURCE)
        .execute(database)
        .await?;
    Ok(())
}

/// When a delivery went which steps.
#[derive(Debug, sqlx::FromRow)]
pub struct Steps {
    /// Its job.
    pub job_id: String,
    /// Its event.
    pub event_id: String,
    /// When the router decided on the event.
    pub received_at: DateTime<Utc>,
    /// When the sender claimed the job.
    pub started_at: DateTime<Utc>,
}

/// The deliveries of a round.
///
/// # Errors
/// If the database is away.
pub async fn steps(database: &mut PgConnection) -> Result<Vec<Steps>> {
    let steps = sqlx::query_as(
        "SELECT job_id, event_id, received_at, started_at
         FROM deliveries JOIN events ON source = event_source AND id = event_id
         WHERE event_source <> $1",
    )
    .bind(SOURCE)
    .fetch_all(database)
    .await?;
    Ok(steps)
}
