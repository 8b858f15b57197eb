//! Alert rows a second, from the publishing of events for 1,000 people to the last row, beside
//! plain inserts into the same table.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use notifyctl::stage::Servers;
use proto_events::Service;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::broker::Route;
use super::events::events_about;
use super::figures::{Figures, table, thousands, verdict};
use super::organisation::{EVERYBODY, USERS};
use super::stage::Stage;
use super::{ROUNDS, progress};

/// Rows a second that are wanted.
const GOAL: f64 = 25_000.0;

/// How many alert jobs an event for 1,000 people may cost.
const MOST_JOBS: i32 = 3;

/// How many events a round publishes.
const EVENTS: usize = 150;

/// Each is for every user, and for the system.
const ROWS: i64 = EVENTS as i64 * (USERS + 1);

/// How many rows one plain insert holds.
const GROUP: usize = 1000;

/// How long the services may take to read their queues, and the rows to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often the rows are counted, which itself costs.
const LOOK: Duration = Duration::from_millis(100);

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let mut stage = Stage::set_up(servers).await?;
    let mut database = stage.database().await?;
    stage
        .fleet
        .start(&[Service::EventRouter, Service::AlertWriter])?;
    stage.fleet.ready(PATIENCE).await?;
    let (mut ours, mut limit) = (Figures::default(), Figures::default());
    for round in 1..=ROUNDS {
        let plain = insert_plainly(&mut database).await?;
        let through = from_event_to_row(&stage, &mut database).await?;
        progress(&format!(
            "round {round} of {ROUNDS}: limit {plain:.0}, from the event on {through:.0} rows/s"
        ));
        limit.add(plain);
        ours.add(through);
    }
    let jobs: i32 = sqlx::query_scalar("SELECT max(jobs) FROM events")
        .fetch_one(&mut database)
        .await?;
    database.close().await?;
    stage.fleet.terminate().await?;
    stage.close().await?;
    let calm = ours.calm() && limit.calm();
    let rows = [
        vec![
            "event to alert rows, rows/s".to_owned(),
            ours.shown(),
            limit.shown(),
            format!("{:.2}", ours.over(&limit).median()),
            format!("≥ {}", thousands(GOAL)),
            verdict(ours.median() >= GOAL, calm),
        ],
        vec![
            "alert jobs of an event for 1,000 people and the system".to_owned(),
            jobs.to_string(),
            "–".to_owned(),
            "–".to_owned(),
            format!("≤ {MOST_JOBS}"),
            verdict(jobs <= MOST_JOBS, true),
        ],
    ];
    let header = ["alerts", "ours", "limit", "ratio", "goal", "verdict"];
    Ok(table(&header, &rows))
}

/// Publishes the events and waits for the last row.
async fn from_event_to_row(stage: &Stage, database: &mut PgConnection) -> Result<f64> {
    sqlx::query("TRUNCATE alerts")
        .execute(&mut *database)
        .await?;
    let events = events_about("sla_breach", EVERYBODY, EVENTS)?;
    let route = Route {
        exchange: stage.world.names().events(),
        key: "bench".to_owned(),
    };
    let started = Instant::now();
    stage.broker.fill(&route, &events).await?;
    loop {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM alerts")
            .fetch_one(&mut *database)
            .await?;
        if count == ROWS {
            return Ok(ROWS as f64 / started.elapsed().as_secs_f64());
        }
        if started.elapsed() > PATIENCE {
            bail!("{count} of {ROWS} alert rows came, and no more");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// As many rows, 1,000 a statement, one statement after another.
async fn insert_plainly(database: &mut PgConnection) -> Result<f64> {
    sqlx::query("TRUNCATE alerts")
        .execute(&mut *database)
        .await?;
    let text = "Created/Updated 4 findings for CraneControl: CI/CD main: Generic Findings Import";
    let texts = |text: &str| vec![text.to_owned(); GROUP];
    let users: Vec<i64> = (1..=USERS).cycle().take(GROUP).collect();
    let mut written = 0;
    let started = Instant::now();
    while written < ROWS {
        let ids: Vec<Uuid> = (0..GROUP).map(|_| Uuid::new_v4()).collect();
        let done = sqlx::query(
            "INSERT INTO alerts (id, user_id, title, description, url, icon, source, event_source, event_id)
             SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                                  $7::text[], $8::text[], $9::text[])
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(ids)
        .bind(users.clone())
        .bind(texts(text))
        .bind(texts(text))
        .bind(texts("http://localhost:8080/test/4"))
        .bind(texts("info-circle"))
        .bind(texts("Scan Added"))
        .bind(texts("http://localhost:8080"))
        .bind(texts("5dbddf02-eee2-4e6c-b04c-26d4ed245a1e"))
        .execute(&mut *database)
        .await?;
        written +=
            i64::try_from(done.rows_affected()).context("more rows than there are numbers")?;
    }
    Ok(written as f64 / started.elapsed().as_secs_f64())
}
