//! What one bad endpoint does to the others: the time from publishing a job to its arrival at
//! 20 healthy endpoints, without it and with it. 1,000 jobs of the bad one wait already, and it
//! gets one more with each healthy one; or they come all at once, right before the healthy ones.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use notifyctl::stage::Servers;
use proto_events::directory::Settings;
use proto_events::{Channel, DestinationId, Service};
use sqlx::{Connection as _, PgConnection};
use store::NewWebhook;
use tokio::time::{MissedTickBehavior, interval};

use super::broker::Route;
use super::figures::{Figures, percentile, table, verdict};
use super::http_receiver::HttpReceiver;
use super::jobs::{jobs, places};
use super::past;
use super::stage::Stage;
use super::{ROUNDS, progress};

/// By how much the others' 99th percentile may change.
const GOAL: f64 = 0.2;

/// How many healthy endpoints there are.
const HEALTHY: usize = 20;

/// A job for a healthy endpoint is published this often: 100 a second.
const EVERY: Duration = Duration::from_millis(10);

/// How many of them a measurement publishes.
const JOBS: usize = 1000;

/// How many jobs the bad endpoint has waiting.
const BURST: usize = 1000;

/// How long the services may take to read their queues, and the jobs to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// How an endpoint is bad.
#[derive(Clone, Copy)]
enum Bad {
    Hangs,
    Trickles,
    Slow,
    /// Hangs, and its jobs come just before the healthy ones instead of waiting already.
    Floods,
}

const BAD: [Bad; 4] = [Bad::Hangs, Bad::Trickles, Bad::Slow, Bad::Floods];

struct Bench {
    stage: Stage,
    database: PgConnection,
    receiver: HttpReceiver,
}

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let mut bench = Bench::set_up(servers).await?;
    let mut rows = Vec::new();
    for bad in BAD {
        let (mut alone, mut beside) = (Figures::default(), Figures::default());
        for round in 1..=ROUNDS {
            alone.add(bench.measure(None).await?);
            beside.add(bench.measure(Some(bad)).await?);
            progress(&format!("round {round} of {ROUNDS}: {}", bad.name()));
        }
        let change = beside.over(&alone).median() - 1.0;
        rows.push(vec![
            bad.name().to_owned(),
            shown(&alone),
            shown(&beside),
            format!("{:+.0} %", change * 100.0),
            if bad.has_goal() {
                format!("< {:.0} %", GOAL * 100.0)
            } else {
                "–".to_owned()
            },
            if bad.has_goal() {
                verdict(change < GOAL, alone.calm() && beside.calm())
            } else {
                "–".to_owned()
            },
        ]);
    }
    bench.database.close().await?;
    bench.stage.close().await?;
    let header = [
        "isolation: one endpoint of 21",
        "p99 of the others without it",
        "with it",
        "change",
        "goal",
        "verdict",
    ];
    Ok(table(&header, &rows))
}

fn shown(figures: &Figures) -> String {
    let spread = figures.spread() * 100.0;
    format!("{:.1} ms (spread {spread:.0} %)", figures.median())
}

impl Bad {
    const fn name(self) -> &'static str {
        match self {
            Self::Hangs => "hangs for its whole timeout, 1,000 jobs waiting",
            Self::Trickles => "answers a byte a second, 1,000 jobs waiting",
            Self::Slow => "answers after 100 ms, 1,000 jobs waiting",
            Self::Floods => "hangs, and 1,000 jobs come at once before the others'",
        }
    }

    /// A burst has to be read before what comes behind it, also by the quickest.
    const fn has_goal(self) -> bool {
        !matches!(self, Self::Floods)
    }
}

impl Bench {
    async fn set_up(servers: &Servers) -> Result<Self> {
        let mut stage = Stage::set_up(servers).await?;
        let receiver = HttpReceiver::start().await?;
        let settings = Settings {
            enable_webhooks_notifications: true,
            ..Settings::default()
        };
        stage.world.store().put_settings(&settings).await?;
        stage.fleet.set(
            Service::WebhookSender,
            "DD_WEBHOOK_ALLOWED_NETWORKS",
            "127.0.0.0/8",
        );
        let mut database = stage.database().await?;
        past::fill(&mut database).await?;
        Ok(Self {
            stage,
            database,
            receiver,
        })
    }

    /// The endpoints anew, as if none had ever failed; the bad one comes first.
    async fn endpoints(&mut self, bad: Bad) -> Result<Vec<DestinationId>> {
        sqlx::query("DELETE FROM notification_webhooks")
            .execute(&mut self.database)
            .await?;
        sqlx::query("TRUNCATE parked_jobs, pauses, dead_letters")
            .execute(&mut self.database)
            .await?;
        past::restore(&mut self.database).await?;
        let url = match bad {
            Bad::Hangs | Bad::Floods => self.receiver.hanging(),
            Bad::Trickles => self.receiver.trickling(),
            Bad::Slow => self.receiver.after(100, "slow"),
        };
        let healthy = (0..HEALTHY).map(|n| self.receiver.after(0, &format!("healthy{n}")));
        for (n, url) in std::iter::once(url).chain(healthy).enumerate() {
            let endpoint = NewWebhook {
                name: format!("endpoint {n}"),
                url,
                header_name: None,
                header_value: None,
                owner: None,
            };
            self.stage.world.store().put_webhook(&endpoint).await?;
        }
        places(&mut self.database, Channel::Webhooks).await
    }

    /// The 99th percentile of the healthy endpoints' times, in milliseconds.
    async fn measure(&mut self, bad: Option<Bad>) -> Result<f64> {
        let places = self.endpoints(bad.unwrap_or(Bad::Hangs)).await?;
        let (first, healthy) = places.split_first().context("there are no endpoints")?;
        let queue = self.stage.world.names().queue(Service::WebhookSender);
        self.stage.broker.purge(&queue).await?;
        self.receiver.inbox.forget();
        self.stage.fleet.start(&[Service::WebhookSender])?;
        self.stage.fleet.ready(PATIENCE).await?;
        let route = Route {
            exchange: String::new(),
            key: queue,
        };
        let mut more = Vec::new();
        if let Some(bad) = bad {
            let all = jobs(Channel::Webhooks, &[*first], BURST + JOBS)?;
            let mut bodies: Vec<Vec<u8>> = all.into_iter().map(|(_, body)| body).collect();
            more = bodies.split_off(BURST);
            self.stage.broker.fill(&route, &bodies).await?;
            if bad.has_goal() {
                self.waiting(BURST).await?;
            }
        }
        let mut published = HashMap::with_capacity(JOBS);
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for (id, body) in jobs(Channel::Webhooks, healthy, JOBS)? {
            ticks.tick().await;
            published.insert(id, Instant::now());
            let both: Vec<Vec<u8>> = std::iter::once(body).chain(more.pop()).collect();
            self.stage.broker.fill(&route, &both).await?;
        }
        let times = self.times(&published).await?;
        self.stage.fleet.kill(Service::WebhookSender).await?;
        Ok(percentile(&times, 99))
    }

    /// Waits until so many jobs were tried or stand in line.
    async fn waiting(&mut self, count: usize) -> Result<()> {
        let since = Instant::now();
        loop {
            let taken: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM (
                     SELECT job_id FROM parked_jobs UNION SELECT job_id FROM deliveries WHERE event_source <> $1
                 ) AS taken",
            )
            .bind(past::SOURCE)
            .fetch_one(&mut self.database)
            .await?;
            if usize::try_from(taken)? >= count {
                return Ok(());
            }
            anyhow::ensure!(
                since.elapsed() < PATIENCE,
                "{taken} of {count} jobs of the bad endpoint were taken, and no more"
            );
            tokio::time::sleep(EVERY).await;
        }
    }

    /// How long each took in milliseconds, once all have arrived.
    async fn times(&self, published: &HashMap<String, Instant>) -> Result<Vec<f64>> {
        let since = Instant::now();
        loop {
            let arrivals = self.receiver.inbox.arrivals().times;
            let times: Vec<f64> = published
                .iter()
                .filter_map(|(id, at)| Some(arrivals.get(id)?.duration_since(*at)))
                .map(|time| time.as_secs_f64() * 1e3)
                .collect();
            if times.len() == published.len() {
                return Ok(times);
            }
            anyhow::ensure!(
                since.elapsed() < PATIENCE,
                "{} of {} jobs arrived, and no more",
                times.len(),
                published.len()
            );
            tokio::time::sleep(EVERY).await;
        }
    }
}
