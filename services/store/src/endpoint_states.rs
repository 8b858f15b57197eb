//! What outcomes make of webhook endpoints: [`proto_events::endpoint::TRANSITIONS`] in SQL.

use std::collections::HashSet;

use proto_events::{Cause, DestinationId, JobId, Reason};
use sqlx::PgConnection;

use crate::dead_letters::DeadLetter;
use crate::error::StoreError;
use crate::rows::{column, owned};

/// What an attempt said of its endpoint.
#[derive(Clone, Debug)]
pub struct EndpointNews {
    /// The endpoint's destination.
    pub destination: DestinationId,
    /// The job.
    pub job: JobId,
    /// Which attempt, from 1.
    pub attempt: i32,
    /// What it said: [`Cause::Success`], [`Cause::Temporary`] or [`Cause::Permanent`].
    pub cause: Cause,
    /// What is noted of it.
    pub note: String,
}

/// Whether an endpoint that there is news of has failed before, so that a success counts for it.
pub(crate) async fn in_trouble(
    database: &mut PgConnection,
    news: &[EndpointNews],
) -> Result<bool, StoreError> {
    let destinations: HashSet<DestinationId> = news.iter().map(|one| one.destination).collect();
    if destinations.is_empty() {
        return Ok(false);
    }
    // The array in a subquery keeps one plan, as in `Store::claim`.
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM destinations AS place JOIN notification_webhooks AS w ON w.id = place.webhook_id
               WHERE place.id IN (SELECT UNNEST((SELECT $1::bigint[]))) AND w.first_error IS NOT NULL) AS "trouble!""#,
        &Vec::from_iter(destinations),
    )
    .fetch_one(database)
    .await?)
}

/// Locks the endpoints that a settlement may change, or whose dead letters it counts, and gives
/// their ids: all at once and in order, so that later statements see what others have made of
/// them, and no two settlements wait for each other. A success at a healthy endpoint locks nothing.
pub(crate) async fn lock(
    database: &mut PgConnection,
    news: &[EndpointNews],
    dead: &[DeadLetter],
) -> Result<Vec<i64>, StoreError> {
    let said = news
        .iter()
        .map(|one| (one.destination, one.cause != Cause::Success));
    let counted = dead
        .iter()
        .filter(|letter| letter.reason == Reason::EndpointInactive)
        .filter_map(|letter| Some((letter.destination?, true)));
    let (destinations, failed): (Vec<_>, Vec<_>) = said.chain(counted).unzip();
    if destinations.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_scalar!(
        "SELECT w.id FROM notification_webhooks AS w
         WHERE w.id IN (
             SELECT place.webhook_id FROM UNNEST($1::bigint[], $2::boolean[]) AS came (destination, failed)
             JOIN destinations AS place ON place.id = came.destination
             JOIN notification_webhooks AS known ON known.id = place.webhook_id
             WHERE failed OR known.first_error IS NOT NULL)
         ORDER BY w.id FOR UPDATE",
        &destinations,
        &failed,
    )
    .fetch_all(database)
    .await?)
}

/// Moves the endpoints that are locked. Of a group's failures the first counts, and of its
/// successes those before it; an attempt that began before its endpoint's present state counts
/// for nothing.
pub(crate) async fn move_endpoints(
    database: &mut PgConnection,
    news: &[EndpointNews],
    locked: &[i64],
) -> Result<(), StoreError> {
    if news.is_empty() || locked.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "WITH counts AS (
             SELECT state.*, came.cause, came.words, came.n
             FROM UNNEST($1::bigint[], $2::text[], $3::int[], $4::text[], $5::text[])
                 WITH ORDINALITY AS came (destination, job_id, attempt, cause, words, n)
             JOIN destinations AS place ON place.id = came.destination
             JOIN webhook_states AS state ON state.id = place.webhook_id
             JOIN deliveries AS made ON made.job_id = came.job_id AND made.attempt = came.attempt
             WHERE state.id = ANY($6) AND state.status IN ('active', 'active_tmp')
               AND made.started_at >= state.since
         ), failure AS (
             SELECT DISTINCT ON (id) id, cause, words, n FROM counts WHERE cause <> 'success' ORDER BY id, n
         ), verdict AS (
             SELECT counts.id, counts.status, counts.last_error, counts.note, failure.cause, failure.words,
                    CASE WHEN NOT bool_or(counts.cause = 'success' AND counts.n < coalesce(failure.n, counts.n + 1))
                         THEN counts.first_error END AS trouble
             FROM counts LEFT JOIN failure USING (id)
             GROUP BY counts.id, counts.status, counts.first_error, counts.last_error, counts.note,
                      failure.cause, failure.words
         )
         UPDATE notification_webhooks AS w SET
             status = CASE WHEN cause IS NULL THEN verdict.status
                           WHEN cause = 'permanent' OR trouble < now() - interval '24 hours' THEN 'inactive_permanent'
                           ELSE 'inactive_tmp' END,
             first_error = CASE WHEN cause IS NULL THEN trouble
                                WHEN cause = 'permanent' THEN now()
                                WHEN verdict.status = 'active' AND trouble >= now() - interval '24 hours' THEN now()
                                ELSE coalesce(trouble, now()) END,
             last_error = CASE WHEN cause IS NULL THEN verdict.last_error ELSE now() END,
             note = CASE WHEN cause IS NULL THEN verdict.note ELSE left(words, 1000) END,
             state_since = CASE WHEN cause IS NULL THEN w.state_since ELSE now() END
         FROM verdict
         WHERE w.id = verdict.id AND (cause IS NOT NULL OR w.first_error IS NOT NULL)",
        &column(news, |one| one.destination),
        &column(news, |one| one.job.to_string()),
        &column(news, |one| one.attempt),
        &column(news, |one| one.cause.as_str()) as _,
        &column(news, |one| owned(&one.note)),
        locked,
    )
    .execute(database)
    .await?;
    Ok(())
}
