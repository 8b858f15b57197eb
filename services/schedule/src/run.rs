//! A run of a job: what is due, and that it was done.

use std::collections::HashMap;

use chassis::broker::PublisherStopped;
use chrono::{DateTime, Utc};
use store::scheduling::progress::JobProgress;
use store::{Store, StoreError};

use crate::config::ScheduleConfig;
use crate::job::Job;
use crate::outlet::Outlet;
use crate::report::Report;
use crate::timing::Standing;

/// Why a run did not come to its end. It is tried again, and what was told stays told.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The broker.
    #[error(transparent)]
    Publisher(#[from] PublisherStopped),
    /// The broker has no queue behind an exchange.
    #[error("exchange {0} has no queue for a notice; run notifyctl topology apply")]
    Unroutable(String),
    /// A notice cannot be written.
    #[error("a notice cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// A job whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The job.
    pub job: Job,
    /// The newest time that its schedule names; those before it are made up for with it.
    pub time: DateTime<Utc>,
    /// Up to when everything was dealt with.
    pub through: DateTime<Utc>,
}

/// Runs jobs on a database.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The database.
    pub store: Store,
    /// The variables.
    pub config: ScheduleConfig,
}

impl Runner {
    /// The jobs whose time has come. One that never ran begins to count now.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn due(&self, now: DateTime<Utc>) -> Result<Vec<Due>, StoreError> {
        let progress = self.store.job_progress().await?.into_iter();
        let progress: HashMap<String, JobProgress> =
            progress.map(|job| (job.job.clone(), job)).collect();
        let zone = self.config.schedule_time_zone;
        let mut due = Vec::new();
        for job in Job::ALL {
            let Some(JobProgress { through, .. }) = progress.get(job.as_str()) else {
                self.store.begin_job(job.as_str(), now).await?;
                continue;
            };
            let through = *through;
            match self.config.timing(job).standing(zone, through, now) {
                Standing::Due(time) => due.push(Due { job, time, through }),
                Standing::Waiting => {}
                Standing::ClockWasAhead => {
                    tracing::warn!(%job, %through, "this job ran by a clock that was far ahead; it counts from now on");
                    self.store.begin_job(job.as_str(), now).await?;
                }
            }
        }
        Ok(due)
    }

    /// Runs a job whose time has come, and notes what came of it.
    ///
    /// # Errors
    /// [`RunError`]; then the job stays due.
    pub async fn run(
        &self,
        due: Due,
        now: DateTime<Utc>,
        outlet: &mut impl Outlet,
    ) -> Result<Report, RunError> {
        let job = due.job.as_str();
        match self.work(due, now, outlet).await {
            Ok(report) => {
                self.store.job_done(job, due.time, now).await?;
                Ok(report)
            }
            Err(error) => {
                if let Err(away) = self.store.job_failed(job, &error.to_string()).await {
                    tracing::warn!(job, error = %away, "that the job failed could not be noted");
                }
                Err(error)
            }
        }
    }

    /// Does what a job does, whether or not its time has come; in a rehearsal notices go to the
    /// eye alone, and rows are only counted.
    ///
    /// # Errors
    /// [`RunError`]
    pub async fn work<O: Outlet>(
        &self,
        due: Due,
        now: DateTime<Utc>,
        outlet: &mut O,
    ) -> Result<Report, RunError> {
        let mut report = Report::default();
        if due.job.tells() {
            self.tell(due, now, outlet, &mut report).await?;
        } else if O::REHEARSAL {
            self.count(due.job, now, &mut report).await?;
        } else {
            self.clean(due.job, now, &mut report).await?;
        }
        Ok(report)
    }

    /// A job as if its time had come now, whatever its schedule says.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn at_will(&self, job: Job, now: DateTime<Utc>) -> Result<Due, StoreError> {
        let progress = self.store.job_progress().await?;
        let known = progress.iter().find(|known| known.job == job.as_str());
        let through = known.map_or(now, |known| known.through);
        Ok(Due {
            job,
            time: now,
            through,
        })
    }
}
