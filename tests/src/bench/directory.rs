//! The router's directory of a large organisation: how long it takes to load, how much memory
//! it costs, what a change costs, and how many events one core decides with it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use notifyctl::stage::{Fleet, Servers, World};
use proto_events::directory::Delta;
use proto_events::{EventName, Service};
use rules::{Directory, Facts, Policy, decide};
use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};
use store::{DirectoryReader, Moment, News};

use super::figures::{Figures, table, thousands, verdict};
use super::large::{self, MANY_VIEWERS, SOME_VIEWERS};
use super::process::Process;
use super::{ROUNDS, progress};

/// How long a load may take, in milliseconds.
const LOAD_GOAL: f64 = 1000.0;

/// What a router may take with the directory in it, in MiB.
const MEMORY_GOAL: f64 = 150.0;

/// How long the router may take to read its queue.
const READY: Duration = Duration::from_secs(60);

/// For how long events are decided in a round.
const DECIDING: Duration = Duration::from_secs(2);

/// How many changes are made one after another.
const CHANGES: i64 = 200;

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let ladder = "5,30".parse().map_err(anyhow::Error::msg)?;
    let world = World::create("bench", servers, ladder).await?;
    let mut database = PgConnection::connect(world.database_url().expose_secret()).await?;
    large::settle_in(&mut database).await?;
    progress("a large organisation has settled in");
    let mut rows = Vec::new();
    let (directory, mut reader, moment) = loads(&world, &mut rows).await?;
    let moment = changes(&mut database, &directory, &mut reader, moment, &mut rows).await?;
    bulk(&mut database, &directory, &mut reader, moment, &mut rows).await?;
    for (product, viewers) in [SOME_VIEWERS, MANY_VIEWERS] {
        rows.push(decisions(&directory, product, viewers)?);
    }
    memory(&world, &mut database, &mut rows).await?;
    database.close().await?;
    world.close().await?;
    Ok(table(&["directory", "ours", "goal", "verdict"], &rows))
}

/// Loads it several times.
async fn loads(
    world: &World,
    rows: &mut Vec<Vec<String>>,
) -> Result<(Directory, DirectoryReader, Moment)> {
    let mut reader = world.store().directory_reader();
    let (mut read, mut indexed, mut whole) =
        (Figures::default(), Figures::default(), Figures::default());
    let mut loaded = None;
    for round in 1..=ROUNDS {
        drop(loaded.take());
        let began = Instant::now();
        let (snapshot, moment) = reader.load().await?;
        let read_after = began.elapsed();
        let directory = Directory::new(snapshot);
        let took = began.elapsed();
        progress(&format!(
            "round {round} of {ROUNDS}: loaded in {} ms",
            took.as_millis()
        ));
        read.add(milliseconds(read_after));
        indexed.add(milliseconds(took - read_after));
        whole.add(milliseconds(took));
        loaded = Some((directory, moment));
    }
    rows.push(vec![
        "load, ms".to_owned(),
        whole.shown(),
        format!("< {}", thousands(LOAD_GOAL)),
        verdict(whole.median() < LOAD_GOAL, whole.calm()),
    ]);
    rows.push(figure("  of it reading, ms", read.shown()));
    rows.push(figure("  of it indexing, ms", indexed.shown()));
    let (directory, moment) = loaded.context("nothing was loaded")?;
    Ok((directory, reader, moment))
}

/// Changes one membership after another, as people do.
async fn changes(
    database: &mut PgConnection,
    directory: &Directory,
    reader: &mut DirectoryReader,
    mut moment: Moment,
    rows: &mut Vec<Vec<String>>,
) -> Result<Moment> {
    let (mut read, mut applied) = (Vec::new(), Vec::new());
    let mut current = directory.clone();
    for user in 1..=CHANGES {
        large::change_one(database, user).await?;
        let began = Instant::now();
        let (delta, now) = delta(reader, &moment).await?;
        read.push(milliseconds(began.elapsed()));
        let began = Instant::now();
        current = current.apply(delta);
        applied.push(milliseconds(began.elapsed()));
        moment = now;
    }
    let median = |figures: Vec<f64>| figures.into_iter().collect::<Figures>().median();
    rows.push(figure(
        "one membership changed: noticed and reread, ms",
        format!("{:.2}", median(read)),
    ));
    rows.push(figure(
        "one membership changed: applied, ms",
        format!("{:.3}", median(applied)),
    ));
    Ok(moment)
}

/// Changes every rule in one statement.
async fn bulk(
    database: &mut PgConnection,
    directory: &Directory,
    reader: &mut DirectoryReader,
    moment: Moment,
    rows: &mut Vec<Vec<String>>,
) -> Result<()> {
    let changed = large::change_all_rules(database).await?;
    let began = Instant::now();
    let (delta, _) = delta(reader, &moment).await?;
    let read = milliseconds(began.elapsed());
    let began = Instant::now();
    black_box(directory.apply(delta));
    let applied = milliseconds(began.elapsed());
    rows.push(figure(
        &format!("{changed} rules changed: reread and applied, ms"),
        format!("{read:.0} + {applied:.0}"),
    ));
    Ok(())
}

async fn delta(reader: &mut DirectoryReader, moment: &Moment) -> Result<(Delta, Moment)> {
    match reader.news(moment).await? {
        (News::Delta(delta), now) => Ok((*delta, now)),
        (other, _) => bail!("a change was expected, and there is {other:?}"),
    }
}

/// Decides events about a product on this thread.
fn decisions(directory: &Directory, product: i64, viewers: usize) -> Result<Vec<String>> {
    let (name, policy) = (EventName::new("scan_added"), Policy::default());
    let facts = Facts {
        name: &name,
        product: Some(product),
        product_type: None,
        recipients: None,
        no_users: false,
        alert_only: false,
        severity: None,
    };
    let told = decide(directory, &policy, &facts).users.len();
    if told != viewers {
        bail!("{told} are told of product {product} instead of {viewers}");
    }
    let mut figures = Figures::default();
    for _ in 0..ROUNDS {
        let (began, mut decided) = (Instant::now(), 0.0);
        while began.elapsed() < DECIDING {
            black_box(decide(black_box(directory), &policy, &facts));
            decided += 1.0;
        }
        figures.add(decided / began.elapsed().as_secs_f64());
    }
    Ok(figure(
        &format!("decisions/s on one core, {viewers} authorised users"),
        figures.shown(),
    ))
}

/// Starts a router on it, at rest and while the directory changes.
async fn memory(
    world: &World,
    database: &mut PgConnection,
    rows: &mut Vec<Vec<String>>,
) -> Result<()> {
    let mut fleet = Fleet::new(world, Vec::new())?;
    fleet.start(&[Service::EventRouter])?;
    fleet.ready(READY).await?;
    let id = fleet
        .process_id(Service::EventRouter)
        .context("the router does not run")?;
    // It reads its queue before it has a directory.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let at_rest = Process(id).resident()?;
    for user in 1..=CHANGES {
        large::change_one(database, user).await?;
    }
    large::change_all_rules(database).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = Process(id).resident()?;
    fleet.terminate().await?;
    for (when, resident) in [
        ("after its load", at_rest),
        ("after all rules changed", after),
    ] {
        rows.push(vec![
            format!("the router's resident memory {when}, MiB"),
            format!("{resident:.1}"),
            format!("< {MEMORY_GOAL:.0}"),
            verdict(resident < MEMORY_GOAL, true),
        ]);
    }
    Ok(())
}

fn figure(what: &str, shown: String) -> Vec<String> {
    vec![what.to_owned(), shown, "–".to_owned(), "–".to_owned()]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
