//! Changes of the directory a second: a bulk load that lies ready in the queue, from the start
//! of the process to the last row, beside plain inserts of as many rows.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use notifyctl::stage::Servers;
use proto_events::Service;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use super::broker::Route;
use super::figures::{Figures, table, thousands, verdict};
use super::organisation::PRODUCTS;
use super::stage::Stage;
use super::{ROUNDS, progress};

/// Changes a second that are wanted.
const GOAL: f64 = 5_000.0;

/// What is loaded: engagements of the organisation's products, their tests, and findings.
const ENGAGEMENTS: i64 = 1_000;
const TESTS: i64 = 4_000;
const FINDINGS: i64 = 45_000;
const CHANGES: i64 = ENGAGEMENTS + TESTS + FINDINGS;

/// How many rows one plain insert holds; as many as the service's own at most.
const GROUP: usize = 500;

/// How long the rows may take to come.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often the rows are counted, which itself costs.
const LOOK: Duration = Duration::from_millis(50);

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let mut stage = Stage::set_up(servers).await?;
    let mut database = stage.database().await?;
    let changes = load();
    let (mut ours, mut limit) = (Figures::default(), Figures::default());
    for round in 1..=ROUNDS {
        let plain = insert_plainly(&mut database).await?;
        let synced = synchronise(&mut stage, &mut database, &changes).await?;
        progress(&format!(
            "round {round} of {ROUNDS}: limit {plain:.0}, ours {synced:.0} changes/s"
        ));
        limit.add(plain);
        ours.add(synced);
    }
    database.close().await?;
    stage.close().await?;
    let row = vec![
        format!("bulk load of {}, changes/s", thousands(CHANGES as f64)),
        ours.shown(),
        limit.shown(),
        format!("{:.2}", ours.over(&limit).median()),
        format!("≥ {}", thousands(GOAL)),
        verdict(ours.median() >= GOAL, ours.calm() && limit.calm()),
    ];
    let header = [
        "directory-sync",
        "ours",
        "limit: plain inserts",
        "ratio",
        "goal",
        "verdict",
    ];
    Ok(table(&header, &[row]))
}

/// Lets the service apply what lies in its queue.
async fn synchronise(
    stage: &mut Stage,
    database: &mut PgConnection,
    changes: &[Vec<u8>],
) -> Result<f64> {
    forget(database).await?;
    let route = Route {
        exchange: stage.world.names().directory(),
        key: "bench".to_owned(),
    };
    stage.broker.fill(&route, changes).await?;
    let started = Instant::now();
    stage.fleet.start(&[Service::DirectorySync])?;
    loop {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM findings")
            .fetch_one(&mut *database)
            .await?;
        if count == FINDINGS {
            break;
        }
        if started.elapsed() > PATIENCE {
            bail!("{count} of {FINDINGS} findings came, and no more");
        }
        tokio::time::sleep(LOOK).await;
    }
    let rate = CHANGES as f64 / started.elapsed().as_secs_f64();
    stage.fleet.terminate().await?;
    Ok(rate)
}

/// As many rows of findings, one statement after another.
async fn insert_plainly(database: &mut PgConnection) -> Result<f64> {
    forget(database).await?;
    let rows: Vec<Value> = (1..=CHANGES).map(finding).collect();
    let started = Instant::now();
    for rows in rows.chunks(GROUP) {
        sqlx::query(
            "INSERT INTO findings SELECT * FROM jsonb_populate_recordset(NULL::findings, $1)",
        )
        .bind(Value::from(rows.to_vec()))
        .execute(&mut *database)
        .await?;
    }
    Ok(CHANGES as f64 / started.elapsed().as_secs_f64())
}

async fn forget(database: &mut PgConnection) -> Result<()> {
    sqlx::query("TRUNCATE engagements, tests, findings, directory_objects")
        .execute(database)
        .await?;
    Ok(())
}

/// The changes, as a publisher sends a first load: parents first.
fn load() -> Vec<Vec<u8>> {
    let change = |kind: &str, object: Value| {
        let at = "2026-11-20T08:00:00.000001Z";
        let change = json!({"kind": kind, "action": "upsert", "at": at, "object": object});
        change.to_string().into_bytes()
    };
    let engagements = (1..=ENGAGEMENTS).map(|id| {
        change(
            "engagement",
            json!({"id": id, "name": "CI/CD main", "product": id % PRODUCTS + 1,
            "target_start": "2026-10-01", "target_end": "2026-12-31", "status": "In Progress"}),
        )
    });
    let tests = (1..=TESTS).map(|id| {
        change(
            "test",
            json!({"id": id, "title": "Nightly scan", "engagement": id % ENGAGEMENTS + 1}),
        )
    });
    let findings = (1..=FINDINGS).map(|id| change("finding", finding(id)));
    engagements.chain(tests).chain(findings).collect()
}

/// All members of a finding, so that it is a row as it is.
fn finding(id: i64) -> Value {
    json!({"id": id, "title": "Improper neutralisation of special elements in the search form",
        "test": id % TESTS + 1, "severity": "High", "date": "2026-10-26",
        "sla_start_date": null, "sla_expiration_date": "2026-11-25", "active": true,
        "verified": true, "is_mitigated": false, "false_p": false, "duplicate": false,
        "risk_accepted": false, "has_jira_issue": false})
}
