//! The time from publishing an event to its arrival at a webhook endpoint, at 100 events a
//! second, beside that of two bare queues and a request, and that in which the disk takes a write.

mod limit;

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use notifyctl::stage::Servers;
use proto_events::Service;
use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};
use store::NewWebhook;
use tokio::time::{MissedTickBehavior, interval};

use self::limit::Limit;
use super::broker::{Broker, Route};
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

/// When an event was published.
#[derive(Clone, Copy)]
struct Published {
    at: Instant,
    clock: DateTime<Utc>,
}

/// A way, or a part of one.
#[derive(Default)]
struct Way {
    middle: Figures,
    late: Figures,
}

impl Way {
    /// Adds a round: how long each event took, in milliseconds.
    fn add(&mut self, times: &[f64]) {
        self.middle.add(percentile(times, 50));
        self.late.add(percentile(times, 99));
    }

    fn row(&self, name: &str) -> Vec<String> {
        let (late, spread) = (self.late.median(), self.late.spread() * 100.0);
        vec![
            name.to_owned(),
            format!("{:.1} ms", self.middle.median()),
            format!("{late:.1} ms (spread {spread:.0} %)"),
        ]
    }
}

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let mut stage = Stage::set_up(servers).await?;
    let receiver = HttpReceiver::start().await?;
    let url = receiver.after(0, "hook");
    start(&mut stage, &url).await?;
    let mut database = stage.database().await?;
    past::fill(&mut database).await?;
    let names = stage.world.names().to_string();
    let mut limit = Limit::open(servers.broker_url.expose_secret(), &names, url).await?;
    let (mut whole, mut bare, mut flush) = (Way::default(), Way::default(), Figures::default());
    let mut parts: [Way; 3] = Default::default();
    for round in 1..=ROUNDS {
        flush.add(flush_time(&stage)?);
        bare.add(&bare_round(&mut limit, &stage.broker, &receiver).await?);
        let times = our_round(&stage, &receiver, &mut database).await?;
        whole.add(&times.whole);
        for (part, times) in parts.iter_mut().zip(&times.parts) {
            part.add(times);
        }
        progress(&format!("round {round} of {ROUNDS}"));
    }
    limit.close().await?;
    database.close().await?;
    stage.fleet.terminate().await?;
    stage.close().await?;
    Ok(shown(&whole, &parts, &bare, flush.median()))
}

/// Starts the services for one endpoint.
async fn start(stage: &mut Stage, url: &str) -> Result<()> {
    let endpoint = NewWebhook {
        name: "bench".to_owned(),
        url: url.to_owned(),
        header_name: None,
        header_value: None,
        owner: None,
    };
    stage.world.store().put_webhook(&endpoint).await?;
    let allowed = "DD_WEBHOOK_ALLOWED_NETWORKS";
    stage
        .fleet
        .set(Service::WebhookSender, allowed, "127.0.0.0/8");
    stage
        .fleet
        .start(&[Service::EventRouter, Service::WebhookSender])?;
    stage.fleet.ready(PATIENCE).await
}

fn shown(whole: &Way, parts: &[Way; 3], bare: &Way, flush: f64) -> String {
    let goal = BASE + FLUSHES * flush;
    let mut first = whole.row("event published to received, 100/s");
    first.extend([
        format!("{flush:.2} ms"),
        format!("≤ {BASE:.0} ms + {FLUSHES:.0} flushes = {goal:.1} ms"),
        verdict(whole.late.median() <= goal, whole.late.calm()),
    ]);
    let names = [
        "  published to the router's decision",
        "  decision to the sender's claim",
        "  claim to received",
    ];
    let limit = bare.row("limit: two queues and a request, without decision and ledger");
    let mut rows = vec![first];
    rows.extend(parts.iter().zip(names).map(|(part, name)| part.row(name)));
    rows.push(limit);
    for row in rows.iter_mut().skip(1) {
        row.extend(["–", "–", "–"].map(str::to_owned));
    }
    let header = ["latency", "p50", "p99", "disk flush", "goal", "verdict"];
    table(&header, &rows)
}

/// How long each event of a round took, and the parts of its way, in milliseconds.
struct Times {
    whole: Vec<f64>,
    parts: [Vec<f64>; 3],
}

/// A round through the services.
async fn our_round(
    stage: &Stage,
    receiver: &HttpReceiver,
    database: &mut PgConnection,
) -> Result<Times> {
    past::restore(database).await?;
    let route = Route {
        exchange: stage.world.names().events(),
        key: "bench".to_owned(),
    };
    let published = publish(&stage.broker, &route, receiver).await?;
    let arrivals = receiver.inbox.arrivals().times;
    let mut times = Times {
        whole: Vec::with_capacity(EVENTS),
        parts: Default::default(),
    };
    // The ledger tells which job came of which event.
    for step in past::steps(database).await? {
        let sent = published
            .get(&step.event_id)
            .context("an event of another round")?;
        let arrived = arrivals
            .get(&step.job_id)
            .context("a job did not arrive")?
            .duration_since(sent.at);
        let after = |time: DateTime<Utc>| (time - sent.clock).as_seconds_f64() * 1e3;
        let ends = [
            after(step.received_at),
            after(step.started_at),
            arrived.as_secs_f64() * 1e3,
        ];
        times.whole.push(ends[2]);
        let mut begin = 0.0;
        for (part, end) in times.parts.iter_mut().zip(ends) {
            part.push(end - begin);
            begin = end;
        }
    }
    Ok(times)
}

/// A round through bare queues: how long each event took.
async fn bare_round(
    limit: &mut Limit,
    broker: &Broker,
    receiver: &HttpReceiver,
) -> Result<Vec<f64>> {
    let route = limit.route();
    let published = tokio::select! {
        published = publish(broker, &route, receiver) => published?,
        failure = limit.failure() => return Err(failure),
    };
    let arrivals = receiver.inbox.arrivals().times;
    published
        .iter()
        .map(|(event, sent)| {
            let arrived = arrivals.get(event).context("an event did not arrive")?;
            Ok(arrived.duration_since(sent.at).as_secs_f64() * 1e3)
        })
        .collect()
}

/// Publishes the events of a round at their pace, and waits until as many have arrived.
async fn publish(
    broker: &Broker,
    route: &Route,
    receiver: &HttpReceiver,
) -> Result<HashMap<String, Published>> {
    receiver.inbox.forget();
    let mut published = HashMap::with_capacity(EVENTS);
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for event in events("test_added", EVENTS)? {
        let id = id(&event)?;
        ticks.tick().await;
        let (at, clock) = (Instant::now(), Utc::now());
        published.insert(id, Published { at, clock });
        broker.fill(route, &[event]).await?;
    }
    receiver.inbox.wait_for(EVENTS, PATIENCE).await?;
    Ok(published)
}

/// The id of an event.
fn id(event: &[u8]) -> Result<String> {
    let event: serde_json::Value = serde_json::from_slice(event)?;
    let id = event["id"].as_str().context("an event without an id")?;
    Ok(id.to_owned())
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
