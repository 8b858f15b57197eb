//! Deliveries as an operator follows them: what an event was decided to, and what became of each job.

use chrono::{DateTime, Utc};
use proto_events::outcome::State;
use proto_events::{Channel, DestinationId, Job, JobId, Reason};
use serde_json::Value;

use crate::browse::ParkedJob;
use crate::error::StoreError;
use crate::rows::{key, word};
use crate::store::Store;

/// Which jobs' deliveries are meant: those that agree with every member.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Id of the event within its source.
    pub event: Option<String>,
    /// The job; its replays too.
    pub job: Option<JobId>,
    /// The channel.
    pub channel: Option<Channel>,
    /// Where the last attempt left them.
    pub state: Option<State>,
    /// Attempted then or later.
    pub since: Option<DateTime<Utc>>,
}

/// A delivery, as its last attempt left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The job.
    pub job: JobId,
    /// The channel.
    pub channel: Channel,
    /// Source of the event.
    pub event_source: String,
    /// Id of the event within its source.
    pub event_id: String,
    /// Bare name of the event.
    pub event_name: String,
    /// Username of the recipient; none: the system.
    pub recipient: Option<String>,
    /// Where it goes.
    pub destination: Option<DestinationId>,
    /// Which attempt the last one was, from 1.
    pub attempt: i32,
    /// Where it left the delivery.
    pub state: State,
    /// Why it did not succeed.
    pub reason: Option<Reason>,
    /// When it began.
    pub started_at: DateTime<Utc>,
}

/// What the router decided of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The system that published it.
    pub source: String,
    /// Its id within the source.
    pub id: String,
    /// Its bare name.
    pub name: String,
    /// When the router took it.
    pub received_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// The directory did not know what the event is about.
    pub directory_behind: bool,
    /// How many jobs were made.
    pub jobs: i32,
    /// Channel → list of usernames, null for the system.
    pub decisions: Value,
    /// What else is worth knowing.
    pub notes: Value,
    /// How many alerts it has become.
    pub alerts: i64,
}

impl Store {
    /// Deliveries, the newest first, at most `max`. Alerts have none: each is its own ledger entry.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn deliveries(
        &self,
        filter: &JobFilter,
        max: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT last.*, username AS "recipient?"
               FROM (
                   SELECT DISTINCT ON (job_id) job_id, attempt, channel, event_source, event_id, event_name,
                          recipient AS user_id, destination, state, reason, started_at
                   FROM deliveries
                   WHERE ($1::text IS NULL OR event_id = $1)
                     AND ($2::text IS NULL OR job_id BETWEEN $2 AND $2 || '.s')
                     AND ($3::text IS NULL OR channel = $3)
                     AND ($5::timestamptz IS NULL OR started_at >= $5)
                   ORDER BY job_id, attempt DESC
               ) AS last
               LEFT JOIN users ON users.id = user_id
               WHERE $4::text IS NULL OR state = $4
               ORDER BY started_at DESC, job_id LIMIT $6"#,
            filter.event.as_deref().map(key),
            filter.job.map(|job| job.uuid().to_string()),
            filter.channel.map(Channel::as_str),
            filter.state.map(State::as_str),
            filter.since,
            i64::from(max),
        )
        .fetch_all(&self.pool)
        .await?;
        let deliveries = rows.into_iter().map(|row| {
            let reason = row.reason.as_deref();
            Ok(Delivery {
                job: word("deliveries.job_id", &row.job_id)?,
                channel: word("deliveries.channel", &row.channel)?,
                event_source: row.event_source,
                event_id: row.event_id,
                event_name: row.event_name,
                recipient: row.recipient,
                destination: row.destination,
                attempt: row.attempt,
                state: word("deliveries.state", &row.state)?,
                reason: reason
                    .map(|reason| word("deliveries.reason", reason))
                    .transpose()?,
                started_at: row.started_at,
            })
        });
        deliveries.collect()
    }

    /// Where a channel leads to a person, or to the system: destinations that have no name, and
    /// endpoints that nobody switched off.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn destinations_of(
        &self,
        channel: Channel,
        user: Option<i64>,
    ) -> Result<Vec<DestinationId>, StoreError> {
        Ok(sqlx::query_scalar!(
            "SELECT id FROM destinations
             WHERE channel = $1 AND user_id IS NOT DISTINCT FROM $2 AND name IS NULL
               AND gone_at IS NULL AND NOT switched_off
             ORDER BY id",
            channel.as_str(),
            user
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// What was decided of the events of this id; several sources may use one id.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn decisions(&self, event: &str) -> Result<Vec<Decision>, StoreError> {
        Ok(sqlx::query_as!(
            Decision,
            r#"SELECT source, id, name, received_at, decided_at, directory_behind, jobs, decisions, notes,
                      (SELECT count(*) FROM alerts
                       WHERE event_source = events.source AND event_id = events.id
                         AND created >= events.received_at - interval '1 hour') AS "alerts!"
               FROM events WHERE id = $1 ORDER BY source"#,
            key(event)
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Jobs that wait in a line: these, and those that hold an event of this id. A job that was never
    /// attempted is known to its line only, so every body that waits is looked into.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn waiting_jobs(
        &self,
        jobs: &[JobId],
        event: Option<&str>,
    ) -> Result<Vec<ParkedJob>, StoreError> {
        let mut jobs = jobs.to_vec();
        if let Some(event) = event {
            let rows = sqlx::query!(
                "SELECT job_id, body FROM parked_jobs WHERE position($1 IN body) > 0",
                event.as_bytes()
            )
            .fetch_all(&self.pool)
            .await?;
            let holds = |body: &[u8]| {
                Job::parse(body).is_ok_and(|job| job.event().is_ok_and(|it| it.id == event))
            };
            for row in rows.iter().filter(|row| holds(&row.body)) {
                jobs.push(word("parked_jobs.job_id", &row.job_id)?);
            }
        }
        self.parked(&jobs).await
    }
}
