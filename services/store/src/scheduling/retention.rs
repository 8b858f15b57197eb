//! What is kept for a time only: what was tried, what was decided, what was given up.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::store::Store;

/// How many rows one statement deletes at most, so that it holds no lock for long.
const BATCH: i64 = 5_000;

/// Before which moments what is old goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoffs {
    /// Deliveries, events, removed alerts, held jobs that are done with, and dead letters that somebody dealt with.
    pub ledger: DateTime<Utc>,
    /// Dead letters that wait still.
    pub dead_letters: DateTime<Utc>,
    /// What was told.
    pub notices: DateTime<Utc>,
}

/// How many rows went, or would go, by table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outdated {
    /// Attempts.
    pub deliveries: i64,
    /// Decisions.
    pub events: i64,
    /// Alerts that had been removed.
    pub alerts: i64,
    /// What was given up.
    pub dead_letters: i64,
    /// What was told.
    pub notices: i64,
    /// Jobs that had been held back.
    pub held_jobs: i64,
}

impl Outdated {
    /// The counts with their tables' names.
    #[must_use]
    pub const fn by_table(self) -> [(&'static str, i64); 6] {
        [
            ("deliveries", self.deliveries),
            ("events", self.events),
            ("alerts", self.alerts),
            ("dead_letters", self.dead_letters),
            ("scheduled_notices", self.notices),
            ("held_jobs", self.held_jobs),
        ]
    }

    /// All of them.
    #[must_use]
    pub const fn total(self) -> i64 {
        self.deliveries
            + self.events
            + self.alerts
            + self.dead_letters
            + self.notices
            + self.held_jobs
    }
}

impl Store {
    /// Deletes a batch of each kind of what is older than its cutoff, and says how many rows
    /// went; none is left once all are 0. The attempts of a job whose dead letter is there
    /// stay, since a replay is told from the delivery by them.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn delete_outdated(&self, cutoffs: Cutoffs) -> Result<Outdated, StoreError> {
        let deleted = sqlx::query_as!(
            Outdated,
            r#"WITH gone_letters AS (
                   DELETE FROM dead_letters WHERE id IN (
                       SELECT id FROM dead_letters
                       WHERE resolved_at < $1 OR (resolved_at IS NULL AND created_at < $2)
                       LIMIT $4 FOR UPDATE SKIP LOCKED)
                   RETURNING 1
               ), gone_deliveries AS (
                   DELETE FROM deliveries WHERE (job_id, attempt) IN (
                       SELECT job_id, attempt FROM deliveries AS made
                       WHERE started_at < $1 AND lease_until < $1
                         AND NOT EXISTS (SELECT FROM dead_letters AS letter WHERE letter.job_id = made.job_id)
                       LIMIT $4 FOR UPDATE SKIP LOCKED)
                   RETURNING 1
               ), gone_events AS (
                   DELETE FROM events WHERE (source, id) IN (
                       SELECT source, id FROM events WHERE decided_at < $1 LIMIT $4 FOR UPDATE SKIP LOCKED)
                   RETURNING 1
               ), gone_alerts AS (
                   DELETE FROM alerts WHERE id IN (
                       SELECT id FROM alerts WHERE removed_at < $1 LIMIT $4 FOR UPDATE SKIP LOCKED)
                   RETURNING 1
               ), gone_notices AS (
                   DELETE FROM scheduled_notices WHERE id IN (
                       SELECT id FROM scheduled_notices WHERE told_at < $3 LIMIT $4 FOR UPDATE SKIP LOCKED)
                   RETURNING 1
               ), gone_held AS (
                   DELETE FROM held_jobs WHERE job_id IN (
                       SELECT job_id FROM held_jobs WHERE done_at < $1 LIMIT $4 FOR UPDATE SKIP LOCKED)
                   RETURNING 1
               )
               SELECT (SELECT count(*) FROM gone_deliveries) AS "deliveries!",
                      (SELECT count(*) FROM gone_events) AS "events!",
                      (SELECT count(*) FROM gone_alerts) AS "alerts!",
                      (SELECT count(*) FROM gone_letters) AS "dead_letters!",
                      (SELECT count(*) FROM gone_notices) AS "notices!",
                      (SELECT count(*) FROM gone_held) AS "held_jobs!""#,
            cutoffs.ledger,
            cutoffs.dead_letters,
            cutoffs.notices,
            BATCH,
        );
        Ok(deleted.fetch_one(&self.pool).await?)
    }

    /// How many rows [`Store::delete_outdated`] would delete in all.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn count_outdated(&self, cutoffs: Cutoffs) -> Result<Outdated, StoreError> {
        let counts = sqlx::query_as!(
            Outdated,
            r#"WITH letters AS (
                   SELECT id, job_id, coalesce(resolved_at < $1, created_at < $2) AS outdated FROM dead_letters
               )
               SELECT (SELECT count(*) FROM deliveries AS made
                       WHERE started_at < $1 AND lease_until < $1
                         AND NOT EXISTS (SELECT FROM letters WHERE letters.job_id = made.job_id AND NOT outdated)
                      ) AS "deliveries!",
                      (SELECT count(*) FROM events WHERE decided_at < $1) AS "events!",
                      (SELECT count(*) FROM alerts WHERE removed_at < $1) AS "alerts!",
                      (SELECT count(*) FROM letters WHERE outdated) AS "dead_letters!",
                      (SELECT count(*) FROM scheduled_notices WHERE told_at < $3) AS "notices!",
                      (SELECT count(*) FROM held_jobs WHERE done_at < $1) AS "held_jobs!""#,
            cutoffs.ledger,
            cutoffs.dead_letters,
            cutoffs.notices,
        );
        Ok(counts.fetch_one(&self.pool).await?)
    }
}
