//! The loop: what is due, run it, sleep until the next.

use std::time::Duration;

use chassis::Runtime;
use chassis::broker::{Consumer, Publisher};
use chassis::reconnect::until_ok;
use chrono::{DateTime, Utc};
use proto_events::{Names, Service};
use rules::Policy;
use schedule::{Due, Holding, Job, Runner, Telling};
use store::Store;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::config::SchedulerConfig;
use crate::count::Count;
use crate::intake::keep_jobs;
use crate::lease::{Held, keep};

/// How often is looked for what is due, whatever the schedules say: clocks are set, and what
/// failed is tried again.
const LOOK: Duration = Duration::from_secs(15);

/// How often is looked for held jobs that are due.
const LOOK_AT_HELD: Duration = Duration::from_secs(2);

struct Work {
    runner: Runner,
    publisher: Publisher,
    names: Names,
    policy: Policy,
    count: Count,
}

/// Runs the service until it is to stop.
///
/// # Errors
/// If the configuration cannot be used, or the service broke down.
pub async fn run(config: &SchedulerConfig, runtime: Runtime) -> anyhow::Result<()> {
    let count = Count::new(&runtime.metrics.registry)?;
    let database = runtime.health.part("database");
    let store = Store::new(&config.store, Service::Scheduler.as_str())?;
    let ready = until_ok(&database, &runtime.stop, || store.ready()).await;
    if ready.is_none() {
        return Ok(());
    }
    let broker = &config.chassis.broker;
    let work = Work {
        runner: Runner {
            store: store.clone(),
            config: config.schedule.clone(),
        },
        publisher: Publisher::start(broker, &runtime),
        names: broker.broker_prefix.clone(),
        policy: config.policy(),
        count,
    };
    let consumer = Consumer::new(broker, Service::Scheduler, &runtime);
    let holding = tokio::spawn(keep_jobs(store.clone(), database.clone(), consumer));
    let (announce, held) = watch::channel(None);
    let keeping = tokio::spawn(keep(store, database, announce, runtime.stop.clone()));
    work.act_when_held(held, &runtime.stop).await;
    work.publisher.close().await;
    keeping.await?;
    holding.await?;
    Ok(())
}

impl Work {
    /// Acts whenever this replica holds the lease. A run is broken off when the lease is lost,
    /// or at a stop: it leaves nothing half done, since whoever runs it next tells under the
    /// same ids what was not marked as told.
    async fn act_when_held(&self, mut held: watch::Receiver<Held>, stop: &CancellationToken) {
        loop {
            let acting = tokio::select! {
                () = stop.cancelled() => return,
                token = held.wait_for(Option::is_some) => match token {
                    Ok(token) => token.clone(),
                    Err(_) => return,
                },
            };
            let Some(lost) = acting else { continue };
            self.count.act(true);
            tokio::select! {
                () = stop.cancelled() => {}
                () = lost.cancelled() => {}
                () = self.act() => {}
            }
            self.count.act(false);
        }
    }

    /// Runs what is due, again and again. What tells waits for the broker when that is away;
    /// what cleans up need not.
    async fn act(&self) {
        tokio::join!(
            self.keep_at(Job::tells),
            self.keep_at(|job| !job.tells()),
            Box::pin(self.keep_releasing())
        );
    }

    /// Runs what is due of some jobs, one after another.
    async fn keep_at(&self, own: impl Fn(Job) -> bool) {
        loop {
            match self.runner.due(Utc::now()).await {
                Ok(due) => {
                    for due in due.into_iter().filter(|due| own(due.job)) {
                        self.run_job(due).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "what is due cannot be found out; it is tried again");
                }
            }
            sleep(self.pause(Utc::now())).await;
        }
    }

    /// Publishes held jobs when they are due.
    async fn keep_releasing(&self) {
        loop {
            let now = Utc::now();
            let holding = Holding {
                store: &self.runner.store,
                publisher: &self.publisher,
                names: &self.names,
                policy: &self.policy,
            };
            match holding.release(now).await {
                Ok(released) => self.count.released(&released),
                Err(error) => {
                    tracing::error!(%error, "held jobs that are due could not be published; it is tried again");
                }
            }
            match self.runner.store.held(now).await {
                Ok(held) => self.count.held(held, now),
                Err(error) => tracing::warn!(%error, "held jobs could not be counted"),
            }
            sleep(LOOK_AT_HELD).await;
        }
    }

    async fn run_job(&self, due: Due) {
        let Due { job, time, through } = due;
        let now = Utc::now();
        let mut telling = Telling {
            store: &self.runner.store,
            publisher: &self.publisher,
            names: &self.names,
            now,
        };
        tracing::info!(%job, due = %time, dealt_with_through = %through, "a job begins");
        match self.runner.run(due, now, &mut telling).await {
            Ok(report) => {
                self.count.done(job, &report, now);
                let skipped: u64 = report.skipped.values().sum();
                let cleaned: u64 = report.cleaned.values().sum();
                tracing::info!(%job, told = report.told, told_before = report.known, skipped, cleaned_rows = cleaned, "a job is done");
            }
            Err(error) => {
                self.count.failed(job);
                tracing::error!(%job, %error, "a job failed; it stays due and is tried again");
            }
        }
    }

    /// How long nothing is due.
    fn pause(&self, now: DateTime<Utc>) -> Duration {
        let config = &self.runner.config;
        let mut pause = LOOK;
        for job in Job::ALL {
            let timing = config.timing(job);
            if let Some(next) = timing.next(config.schedule_time_zone, now) {
                self.count.next(job, next);
                pause = pause.min((next - now).to_std().unwrap_or_default());
            }
        }
        // Not so short that a time which is not quite there yet is asked for again and again.
        pause.max(Duration::from_millis(50))
    }
}
