//! The SLA job over many open findings, as a process of its own: how long it takes, and what
//! memory, beside plainly reading as many rows.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::TryStreamExt as _;
use notifyctl::stage::Servers;
use proto_events::Service;
use sqlx::{Connection as _, PgConnection};
use tokio::process::Command;

use super::figures::{Figures, table, thousands, verdict};
use super::organisation::PRODUCTS;
use super::process::Process;
use super::stage::Stage;
use super::{ROUNDS, progress};

/// Open findings, all of which are to be told of.
const FINDINGS: i64 = 100_000;

/// What is wanted.
const SECONDS: f64 = 5.0;
const MEBIBYTES: f64 = 200.0;

/// How often a run's memory is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// What a run came to.
struct Run {
    seconds: f64,
    mebibytes: f64,
}

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let stage = Stage::set_up(servers).await?;
    let mut database = stage.database().await?;
    fill(&mut database).await?;
    let every = FINDINGS.to_string();
    let one_by_one = [
        ("DD_SLA_SINGLE_NOTICES_PER_PRODUCT", every.as_str()),
        ("DD_SLA_SINGLE_NOTICES_PER_RUN", every.as_str()),
    ];
    let guarded: &[_] = &[];
    let cases = [
        ("with the guard against floods", guarded, true),
        ("a notice for each of them", &one_by_one, false),
    ];
    let mut rows = Vec::new();
    for (name, variables, has_goal) in cases {
        let (mut seconds, mut limit) = (Figures::default(), Figures::default());
        let mut memory = Figures::default();
        for round in 1..=ROUNDS {
            let plain = read_plainly(&mut database).await?;
            let run = tell(&stage, &mut database, variables).await?;
            progress(&format!(
                "{name}, round {round} of {ROUNDS}: {:.2} s, {:.0} MiB; reading alone {plain:.2} s",
                run.seconds, run.mebibytes
            ));
            seconds.add(run.seconds);
            memory.add(run.mebibytes);
            limit.add(plain);
        }
        let met = seconds.median() < SECONDS && memory.median() < MEBIBYTES;
        rows.push(vec![
            format!("{} open findings, {name}", thousands(FINDINGS as f64)),
            format!(
                "{:.2} (spread {:.0} %)",
                seconds.median(),
                seconds.spread() * 100.0
            ),
            format!("{:.2}", limit.median()),
            format!("{:.0}", memory.median()),
            if has_goal {
                format!("< {SECONDS:.0} s, < {MEBIBYTES:.0} MiB")
            } else {
                "–".to_owned()
            },
            if has_goal {
                verdict(met, seconds.calm())
            } else {
                "–".to_owned()
            },
        ]);
    }
    database.close().await?;
    stage.close().await?;
    let header = [
        "SLA job",
        "seconds, from start to end of the process",
        "limit: reading the rows, s",
        "peak memory, MiB",
        "goal",
        "verdict",
    ];
    Ok(table(&header, &rows))
}

/// One run of the job, as an operator starts it.
async fn tell(
    stage: &Stage,
    database: &mut PgConnection,
    variables: &[(&str, &str)],
) -> Result<Run> {
    let queue = stage.world.names().queue(Service::EventRouter);
    stage.broker.purge(&queue).await?;
    sqlx::query("TRUNCATE scheduled_notices")
        .execute(&mut *database)
        .await?;
    let program = std::env::current_exe()?.with_file_name("notifyctl");
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(["schedule", "run", "sla"])
        .envs(stage.world.environment())
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("cannot start notifyctl")?;
    let process = Process(child.id().context("notifyctl has ended")?);
    let mut mebibytes = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // It may end between the look at it and the look at its memory.
        mebibytes = process.peak().unwrap_or(mebibytes);
        tokio::time::sleep(LOOK).await;
    };
    let seconds = started.elapsed().as_secs_f64();
    ensure!(
        status.success(),
        "notifyctl schedule run sla failed: {status}"
    );
    let told: i64 = sqlx::query_scalar("SELECT count(*) FROM scheduled_notices")
        .fetch_one(database)
        .await?;
    ensure!(told > 0, "nobody was told anything");
    Ok(Run { seconds, mebibytes })
}

/// Every open finding with its names, row by row.
async fn read_plainly(database: &mut PgConnection) -> Result<f64> {
    let started = Instant::now();
    let mut rows = sqlx::query(
        "SELECT finding.id, finding.title, finding.severity, finding.date, finding.sla_expiration_date,
                tests.title, engagements.name, products.name
         FROM findings AS finding JOIN tests ON tests.id = finding.test
         JOIN engagements ON engagements.id = tests.engagement JOIN products ON products.id = engagements.product",
    )
    .fetch(database);
    let mut count = 0;
    while rows.try_next().await?.is_some() {
        count += 1;
    }
    ensure!(count == FINDINGS, "{count} rows were read");
    Ok(started.elapsed().as_secs_f64())
}

/// Findings of every product, from a week overdue to three days left.
async fn fill(database: &mut PgConnection) -> Result<()> {
    for statement in [
        "UPDATE system_settings SET enable_notify_sla_active = true".to_owned(),
        format!(
            "INSERT INTO engagements SELECT n, 'Q' || n, n, NULL, '2026-01-01', '2027-12-31', 'In Progress', true
             FROM generate_series(1, {PRODUCTS}) AS n"
        ),
        format!("INSERT INTO tests SELECT n, 'Nightly', n % {PRODUCTS} + 1 FROM generate_series(1, 400) AS n"),
        format!(
            "INSERT INTO findings (id, title, test, severity, date, sla_expiration_date, active, verified,
                 is_mitigated, false_p, duplicate, risk_accepted, has_jira_issue)
             SELECT n, 'Improper neutralisation of special elements in the search form', n % 400 + 1,
                    (ARRAY['Critical', 'High', 'Medium', 'Low'])[n % 4 + 1], current_date - 30,
                    current_date - 7 + (n % 11)::integer, true, true, false, false, false, false, false
             FROM generate_series(1, {FINDINGS}) AS n"
        ),
        // What autovacuum does after a load.
        "ANALYZE".to_owned(),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *database).await?;
    }
    Ok(())
}
