//! One row per attempt: claimed before it, finished after it.

use std::collections::HashSet;
use std::time::Duration;

use proto_events::outcome::State;
use proto_events::{Channel, DestinationId, JobId, Reason, Service};
use sqlx::PgConnection;

use crate::dead_letters::MOST_OF_ONE_ENDPOINT;
use crate::error::StoreError;
use crate::rows::{column, key, owned, word};
use crate::store::Store;

/// An attempt that is about to be made.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The job.
    pub job: JobId,
    /// Which attempt it is, from 1.
    pub attempt: i32,
    /// Who makes it.
    pub service: Service,
    /// Source of the event.
    pub event_source: String,
    /// Id of the event within its source.
    pub event_id: String,
    /// Bare name of the event.
    pub event_name: String,
    /// The channel.
    pub channel: Channel,
    /// The user it is for; none: the system.
    pub recipient: Option<i64>,
    /// Where it goes; none for alerts.
    pub destination: Option<DestinationId>,
    /// How long nobody else may make it. Then its maker counts as dead.
    pub lease: Duration,
}

/// The ledger's answer to an [`Attempt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Go ahead.
    Granted,
    /// An earlier attempt of this job arrived, or was accepted.
    AlreadyDone(State),
    /// This attempt was made, and its outcome is known: the message is a copy.
    AttemptRecorded,
    /// Somebody is at this job right now.
    InProgress,
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The job.
    pub job: JobId,
    /// Which attempt, from 1.
    pub attempt: i32,
    /// Where the delivery stands now; any state but [`State::Claimed`].
    pub state: State,
    /// Why it did not succeed.
    pub reason: Option<Reason>,
    /// What was seen; no secret, no personal data.
    pub detail: Option<String>,
    /// The receiver's own identifier of the message.
    pub provider_id: Option<String>,
    /// The protocol's status, e.g. 200 or 250.
    pub status: Option<u16>,
}

impl Finished {
    /// The end of an attempt of which no more is known than where the delivery stands.
    #[must_use]
    pub const fn of(attempt: &Attempt, state: State) -> Self {
        Self {
            job: attempt.job,
            attempt: attempt.attempt,
            state,
            reason: None,
            detail: None,
            provider_id: None,
            status: None,
        }
    }

    /// What the ledger says of a job whose dead letter was not kept.
    pub(crate) fn unless_kept(mut self, not_kept: &HashSet<JobId>) -> Self {
        if not_kept.contains(&self.job) {
            self.reason = Some(Reason::NotKept);
            self.detail = Some(format!(
                "not in the dead letters, where {MOST_OF_ONE_ENDPOINT} of this endpoint's jobs wait already"
            ));
        }
        self
    }
}

impl Store {
    /// Claims attempts, all in one statement; the answers stand in the order of the
    /// questions. Of two who ask for the same attempt one is granted it, and a lease that
    /// is over is given to whoever asks next. One job is granted once a call.
    ///
    /// # Errors
    /// If the database is away; then nothing may be attempted.
    pub async fn claim(&self, attempts: &[Attempt]) -> Result<Vec<Claim>, StoreError> {
        // An array in a subquery: the planner reckons with ten of whatever is few, and keeps one plan,
        // where it made a new one, in 0.4 ms, each time.
        let answers = sqlx::query!(
            r#"WITH asked AS (
                   SELECT * FROM UNNEST((SELECT $1::text[]), $2::int[], $3::text[], $4::text[], $5::text[],
                                        $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::float8[])
                       WITH ORDINALITY
                       AS t (job_id, attempt, service, channel, event_source, event_id,
                             event_name, recipient, destination, lease, n)
               ), seen AS (
                   SELECT asked.*, done, recorded, busy
                   FROM asked CROSS JOIN LATERAL (
                       SELECT max(d.state) FILTER (WHERE d.state IN ('delivered', 'accepted')) AS done,
                              coalesce(bool_or(d.attempt = asked.attempt AND d.state <> 'claimed'), false) AS recorded,
                              coalesce(bool_or(d.state = 'claimed' AND d.lease_until > now()), false) AS busy
                       FROM deliveries AS d WHERE d.job_id = asked.job_id
                   ) AS earlier
               ), chosen AS (
                   SELECT DISTINCT ON (job_id) *
                   FROM seen WHERE done IS NULL AND NOT recorded AND NOT busy
                   ORDER BY job_id, n
               ), granted AS (
                   INSERT INTO deliveries AS d (job_id, attempt, service, channel, event_source, event_id,
                                                event_name, recipient, destination, lease_until, state)
                   SELECT job_id, attempt, service, channel, event_source, event_id, event_name,
                          recipient, destination, now() + make_interval(secs => lease), 'claimed'
                   FROM chosen ORDER BY job_id
                   ON CONFLICT (job_id, attempt) DO UPDATE
                       SET lease_until = EXCLUDED.lease_until, service = EXCLUDED.service, started_at = now()
                       WHERE d.state = 'claimed' AND d.lease_until <= now()
                   RETURNING job_id
               )
               SELECT done, recorded AS "recorded!",
                      n IN (SELECT n FROM chosen) AND job_id IN (SELECT job_id FROM granted) AS "granted!"
               FROM seen ORDER BY n"#,
            &column(attempts, |a| a.job.to_string()),
            &column(attempts, |a| a.attempt),
            &column(attempts, |a| a.service.as_str()) as _,
            &column(attempts, |a| a.channel.as_str()) as _,
            &column(attempts, |a| key(&a.event_source)),
            &column(attempts, |a| key(&a.event_id)),
            &column(attempts, |a| owned(&a.event_name)),
            &column(attempts, |a| a.recipient) as _,
            &column(attempts, |a| a.destination) as _,
            &column(attempts, |a| a.lease.as_secs_f64()),
        )
        .fetch_all(&self.pool)
        .await?;
        let claims = answers.into_iter().map(|answer| {
            Ok(match answer.done {
                Some(done) => Claim::AlreadyDone(word("deliveries.state", &done)?),
                None if answer.recorded => Claim::AttemptRecorded,
                None if answer.granted => Claim::Granted,
                None => Claim::InProgress,
            })
        });
        claims.collect()
    }
}

/// Writes what came of attempts.
pub(crate) async fn record(
    database: &mut PgConnection,
    results: &[Finished],
) -> Result<(), StoreError> {
    if results.is_empty() {
        return Ok(());
    }
    let written = sqlx::query!(
        "WITH came AS (
             SELECT DISTINCT ON (job_id, attempt) *
             FROM UNNEST($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[])
                 AS t (job_id, attempt, state, reason, detail, provider_id, status)
             ORDER BY job_id, attempt, state IN ('delivered', 'accepted') DESC
         )
         UPDATE deliveries AS d
         SET state = came.state, reason = came.reason, detail = came.detail,
             provider_id = came.provider_id, status = came.status, finished_at = now()
         FROM came
         WHERE d.job_id = came.job_id AND d.attempt = came.attempt
           AND (d.state = 'claimed' OR (came.state IN ('delivered', 'accepted')
                                        AND d.state NOT IN ('delivered', 'accepted')))",
        &column(results, |r| r.job.to_string()),
        &column(results, |r| r.attempt),
        &column(results, |r| r.state.as_str()) as _,
        &column(results, |r| r.reason.map(Reason::as_str)) as _,
        &column(results, |r| r.detail.as_deref().map(owned)) as _,
        &column(results, |r| r.provider_id.as_deref().map(owned)) as _,
        &column(results, |r| r.status.map(i32::from)) as _,
    )
    .execute(database)
    .await?
    .rows_affected();
    if usize::try_from(written).unwrap_or(usize::MAX) < results.len() {
        tracing::warn!(
            outcomes = results.len(),
            written,
            "some outcomes were known already, or their attempts were never claimed"
        );
    }
    Ok(())
}
