//! The time from publishing an event to its arrival at a webhook endpoint, at 100 events a
//! second, beside the time in which the disk takes a write.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use notifyctl::stage::Servers;
use proto_events::Service;
use sqlx::{Connection as _, PgConnection};
use store::NewWebhook;
use tokio::time::{MissedTickBehavior, interval};

use super::broker::Route;
use super::events::events;
use super::figures::{Figures, percentile, table, verdict};
use super::http_receiver::HttpReceiver;
use super::past;
use super::stage::Stage;
use super::{ROUNDS, progress};

/// An event is published this often: 100 a second.
const EVERY: Duration = Duration::from_millis(10);

/// How many events a round publishes.
const EVENTS: usize = 1000;

/// What the way may take beside the flushes, in milliseconds.
const BASE: f64 = 5.0;

/// How many flushes lie on an event's way: of the event, of its job, of the claim.
const FLUSHES: f64 = 3.0;

/// How many writes the disk's time is the median of.
const WRITES: usize = 200;

/// How long the services may take to read their queues, and the events to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let mut stage = Stage::set_up(servers).await?;
    let receiver = HttpReceiver::start().await?;
    let endpoint = NewWebhook {
        name: "bench".to_owned(),
        url: receiver.after(0, "hook"),
        header_name: None,
        header_value: None,
        owner: None,
    };
    stage.world.store().put_webhook(&endpoint).await?;
    stage.fleet.set(
        Service::WebhookSender,
        "DD_WEBHOOK_ALLOWED_NETWORKS",
        "127.0.0.0/8",
    );
    stage
        .fleet
        .start(&[Service::EventRouter, Service::WebhookSender])?;
    stage.fleet.ready(PATIENCE).await?;
    let mut database = stage.database().await?;
    past::fill(&mut database).await?;
    let (mut middle, mut late, mut flush) =
        (Figures::default(), Figures::default(), Figures::default());
    for round in 1..=ROUNDS {
        flush.add(flush_time(&stage)?);
        let times = one_round(&stage, &receiver, &mut database).await?;
        middle.add(percentile(&times, 50));
        late.add(percentile(&times, 99));
        progress(&format!("round {round} of {ROUNDS}"));
    }
    database.close().await?;
    stage.fleet.terminate().await?;
    stage.close().await?;
    let goal = BASE + FLUSHES * flush.median();
    let row = vec![
        "event published to received, 100/s".to_owned(),
        format!("{:.1} ms", middle.median()),
        format!(
            "{:.1} ms (spread {:.0} %)",
            late.median(),
            late.spread() * 100.0
        ),
        format!("{:.2} ms", flush.median()),
        format!("≤ {BASE:.0} ms + {FLUSHES:.0} flushes = {goal:.1} ms"),
        verdict(late.median() <= goal, late.calm()),
    ];
    let header = ["latency", "p50", "p99", "disk flush", "goal", "verdict"];
    Ok(table(&header, &[row]))
}

/// Publishes the events at their pace, and gives how long each took in milliseconds.
async fn one_round(
    stage: &Stage,
    receiver: &HttpReceiver,
    database: &mut PgConnection,
) -> Result<Vec<f64>> {
    receiver.inbox.forget();
    past::restore(database).await?;
    let route = Route {
        exchange: stage.world.names().events(),
        key: "bench".to_owned(),
    };
    let mut published = HashMap::with_capacity(EVENTS);
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for event in events("test_added", EVENTS)? {
        ticks.tick().await;
        let id: serde_json::Value = serde_json::from_slice(&event)?;
        let id = id["id"].as_str().context("an event without an id")?;
        published.insert(id.to_owned(), Instant::now());
        stage.broker.fill(&route, &[event]).await?;
    }
    receiver.inbox.wait_for(EVENTS, PATIENCE).await?;
    // The ledger tells which job came of which event.
    let jobs = past::since(database).await?;
    let arrivals = receiver.inbox.arrivals().times;
    jobs.iter()
        .map(|(job, event)| {
            let arrived = arrivals.get(job).context("a job did not arrive")?;
            let sent = published.get(event).context("an event of another round")?;
            Ok(arrived.duration_since(*sent).as_secs_f64() * 1e3)
        })
        .collect()
}

/// How long it takes until 4 KiB are on the disk, in milliseconds: the median of many.
fn flush_time(stage: &Stage) -> Result<f64> {
    let mut file = File::create(stage.world.folder().join("flush"))?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let started = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(percentile(&times, 50))
}
