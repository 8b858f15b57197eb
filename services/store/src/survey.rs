//! What waits, rests and was given up: the figures that somebody on call looks at.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::StoreError;
use crate::store::Store;

/// Figures as of one look, by the service or the state that they are of; what is not named is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Lines before destinations, by service.
    pub parked: BTreeMap<String, ParkedJobs>,
    /// Destinations, or whole services, that are left alone just now, by service.
    pub pauses: BTreeMap<String, i64>,
    /// Webhook endpoints, by state.
    pub endpoints: BTreeMap<String, i64>,
    /// Dead letters that nobody has dealt with, by service.
    pub dead_letters: BTreeMap<String, i64>,
}

/// The jobs that wait in a service's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParkedJobs {
    /// How many.
    pub jobs: i64,
    /// How long ago the oldest was published.
    pub oldest: Duration,
}

impl Store {
    /// Looks at all of it.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn survey(&self) -> Result<Survey, StoreError> {
        let parked = sqlx::query!(
            r#"SELECT service, count(*) AS "jobs!",
                      extract(epoch FROM now() - least(min(parked_at), to_timestamp(min(first_published) / 1000.0)))::float8
                          AS "oldest!"
               FROM parked_jobs GROUP BY service"#
        )
        .fetch_all(&self.pool)
        .await?;
        let pauses = sqlx::query!(
            r#"SELECT service, count(*) AS "count!" FROM pauses WHERE paused_until > now() GROUP BY service"#
        )
        .fetch_all(&self.pool)
        .await?;
        let endpoints = sqlx::query!(
            r#"SELECT status AS "state!", count(*) AS "count!" FROM webhook_states GROUP BY status"#
        )
        .fetch_all(&self.pool)
        .await?;
        let dead_letters = sqlx::query!(
            r#"SELECT service, count(*) AS "count!" FROM dead_letters WHERE resolved_at IS NULL GROUP BY service"#
        )
        .fetch_all(&self.pool)
        .await?;
        let parked = parked.into_iter().map(|row| {
            let oldest = Duration::try_from_secs_f64(row.oldest).unwrap_or_default();
            let jobs = row.jobs;
            (row.service, ParkedJobs { jobs, oldest })
        });
        let pauses = pauses.into_iter().map(|row| (row.service, row.count));
        let endpoints = endpoints.into_iter().map(|row| (row.state, row.count));
        let dead_letters = dead_letters.into_iter().map(|row| (row.service, row.count));
        Ok(Survey {
            parked: parked.collect(),
            pauses: pauses.collect(),
            endpoints: endpoints.collect(),
            dead_letters: dead_letters.collect(),
        })
    }
}
