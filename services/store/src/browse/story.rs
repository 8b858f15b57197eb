//! What belongs to an event's story besides its decision and the attempts: what waits and until when,
//! and the alerts.

use chrono::{DateTime, Utc};
use proto_events::{Channel, DestinationId, JobId, Reason, Service};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pauses::Pause;
use crate::rows::{column, word};
use crate::store::Store;

/// A job that waits in its destination's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedJob {
    /// The job.
    pub job: JobId,
    /// Who will deliver it.
    pub service: Service,
    /// Where it goes.
    pub destination: DestinationId,
    /// Which attempt the next one is.
    pub attempt: i32,
    /// Since when it waits.
    pub parked_at: DateTime<Utc>,
    /// When it is looked at next, if those before it are through.
    pub due: DateTime<Utc>,
    /// How many wait in front of it.
    pub before: i64,
    /// Why the last attempt failed, if there was one.
    pub reason: Option<Reason>,
}

/// A job that is, or was, held back for a digest or until quiet hours end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The job.
    pub job: JobId,
    /// Since when.
    pub held_at: DateTime<Utc>,
    /// Until when.
    pub due: DateTime<Utc>,
    /// The message that it came in: itself, or a digest; none as long as that is open.
    pub message: Option<JobId>,
    /// What became of it, as the table says; none: it still waits.
    pub outcome: Option<String>,
}

/// An alert as its event tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventAlert {
    /// Its id.
    pub id: Uuid,
    /// Whose it is; none: the system's.
    pub user: Option<i64>,
    /// What its owner reads.
    pub title: String,
    /// When it was written.
    pub created: DateTime<Utc>,
    /// Whether its owner removed it.
    pub removed: bool,
}

/// Where messages for a person, or for the system, may go or may have gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DestinationOf {
    /// The destination, in use or not any more.
    pub destination: DestinationId,
    /// Its channel.
    pub channel: Channel,
    /// Whose it is; none: the system's.
    pub user: Option<i64>,
}

impl Store {
    /// Where messages for these people go or went, and for the system if that is asked for.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn places(
        &self,
        users: &[i64],
        system: bool,
    ) -> Result<Vec<DestinationOf>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, channel, user_id FROM destinations
             WHERE user_id = ANY ($1) OR ($2 AND user_id IS NULL)",
            users,
            system
        )
        .fetch_all(&self.pool)
        .await?;
        let places = rows.into_iter().map(|row| {
            Ok(DestinationOf {
                destination: row.id,
                channel: word("destinations.channel", &row.channel)?,
                user: row.user_id,
            })
        });
        places.collect()
    }

    /// Those of these jobs that wait in a line.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn parked(&self, jobs: &[JobId]) -> Result<Vec<ParkedJob>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT job_id, service, destination, attempt, parked_at, due, reason,
                      (SELECT count(*) FROM parked_jobs AS other
                       WHERE other.service = job.service AND other.destination = job.destination
                         AND other.sequence < job.sequence) AS "before!"
               FROM parked_jobs AS job WHERE job_id = ANY ($1) ORDER BY sequence"#,
            &column(jobs, ToString::to_string)
        )
        .fetch_all(&self.pool)
        .await?;
        let parked = rows.into_iter().map(|row| {
            Ok(ParkedJob {
                job: word("parked_jobs.job_id", &row.job_id)?,
                service: word("parked_jobs.service", &row.service)?,
                destination: row.destination,
                attempt: row.attempt,
                parked_at: row.parked_at,
                due: row.due,
                before: row.before,
                // It came in a message's header: what is no word of ours tells nothing.
                reason: row.reason.and_then(|reason| reason.parse().ok()),
            })
        });
        parked.collect()
    }

    /// Those of these jobs that are or were held back, as far as that is remembered.
    ///
    /// # Errors
    /// If the database is away, or holds what is no id.
    pub async fn held_back(&self, jobs: &[JobId]) -> Result<Vec<HeldBack>, StoreError> {
        let rows = sqlx::query!(
            "SELECT job_id, held_at, due, message, outcome FROM held_jobs
             WHERE job_id = ANY ($1) ORDER BY due, job_id",
            &column(jobs, ToString::to_string)
        )
        .fetch_all(&self.pool)
        .await?;
        let held = rows.into_iter().map(|row| {
            let message = row.message.as_deref();
            Ok(HeldBack {
                job: word("held_jobs.job_id", &row.job_id)?,
                held_at: row.held_at,
                due: row.due,
                message: message
                    .map(|message| word("held_jobs.message", message))
                    .transpose()?,
                outcome: row.outcome,
            })
        });
        held.collect()
    }

    /// Pauses that hold now: of these destinations, and of whole services.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn pauses_at(&self, places: &[DestinationId]) -> Result<Vec<Pause>, StoreError> {
        let rows = sqlx::query!(
            "SELECT service, destination, paused_until, reason FROM pauses
             WHERE paused_until > now() AND (destination IS NULL OR destination = ANY ($1))
             ORDER BY service, destination",
            places
        )
        .fetch_all(&self.pool)
        .await?;
        let pauses = rows.into_iter().map(|row| {
            Ok(Pause {
                service: word("pauses.service", &row.service)?,
                destination: row.destination,
                until: row.paused_until,
                reason: word("pauses.reason", &row.reason)?,
            })
        });
        pauses.collect()
    }

    /// Alerts by their ids, removed ones too, in the order in which they were written. An event's
    /// are known by [`proto_events::ids::alert`], without a search.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn event_alerts(&self, ids: &[Uuid]) -> Result<Vec<EventAlert>, StoreError> {
        Ok(sqlx::query_as!(
            EventAlert,
            r#"SELECT id, user_id AS "user", title, created, removed_at IS NOT NULL AS "removed!"
               FROM alerts WHERE id = ANY ($1) ORDER BY created, id"#,
            ids
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
