//! What the ledger costs a delivery: claims and finishes a second in groups of several sizes,
//! beside plain inserts into the same table.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use notifyctl::stage::Servers;
use proto_events::outcome::State;
use proto_events::{Channel, JobId, Service};
use sqlx::{Connection as _, PgConnection};
use store::{Attempt, Claim, Finished, Settlement, Store};
use uuid::Uuid;

use super::figures::{Figures, table};
use super::past;
use super::process::Process;
use super::stage::Stage;
use super::{ROUNDS, progress};

/// How many attempts stand in one statement, and how many there are in all.
const GROUPS: [(usize, usize); 4] = [(1, 2_000), (16, 8_000), (64, 16_000), (256, 32_000)];

/// What groups of one size came to.
#[derive(Default)]
struct Came {
    /// Plain inserts a second.
    plain: Figures,
    claims: Figures,
    finishes: Figures,
    /// µs a delivery, both statements.
    elapsed: Figures,
    /// µs a delivery of this process's CPU time, both statements.
    cpu: Figures,
}

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let stage = Stage::set_up(servers).await?;
    let mut database = stage.database().await?;
    past::fill(&mut database).await?;
    let mut came: Vec<Came> = GROUPS.iter().map(|_| Came::default()).collect();
    for round in 1..=ROUNDS {
        for ((group, attempts), came) in GROUPS.into_iter().zip(&mut came) {
            past::restore(&mut database).await?;
            came.plain
                .add(insert_plainly(&mut database, group, attempts).await?);
            came.measure(stage.world.store(), group, attempts).await?;
            progress(&format!("round {round} of {ROUNDS}: groups of {group}"));
        }
    }
    database.close().await?;
    stage.close().await?;
    let rows: Vec<Vec<String>> = GROUPS
        .iter()
        .zip(&came)
        .map(|((group, _), came)| came.row(*group))
        .collect();
    let header = [
        "ledger, attempts a statement",
        "claims/s",
        "finishes/s",
        "limit: plain inserts/s",
        "ratio, claims : finishes",
        "µs a delivery, elapsed : own CPU",
    ];
    Ok(table(&header, &rows))
}

impl Came {
    /// Claims and finishes attempts, one statement after another.
    async fn measure(&mut self, store: &Store, group: usize, attempts: usize) -> Result<()> {
        let jobs: Vec<JobId> = (0..attempts).map(|_| Uuid::new_v4().into()).collect();
        let cpu = Process::own().cpu()?;
        let started = Instant::now();
        for jobs in jobs.chunks(group) {
            let attempts: Vec<Attempt> = jobs.iter().copied().map(attempt).collect();
            let claims = store.claim(&attempts).await?;
            ensure!(
                claims.iter().all(|claim| *claim == Claim::Granted),
                "a new job was not granted: {claims:?}"
            );
        }
        let claimed = started.elapsed();
        for jobs in jobs.chunks(group) {
            let settlement = Settlement {
                finished: jobs.iter().copied().map(finished).collect(),
                ..Settlement::default()
            };
            store.settle(&settlement).await?;
        }
        let elapsed = started.elapsed();
        let cpu = Process::own().cpu()? - cpu;
        let count = attempts as f64;
        let each = |time: Duration| time.as_secs_f64() * 1e6 / count;
        self.claims.add(count / claimed.as_secs_f64());
        self.finishes.add(count / (elapsed - claimed).as_secs_f64());
        self.elapsed.add(each(elapsed));
        self.cpu.add(each(cpu));
        Ok(())
    }

    fn row(&self, group: usize) -> Vec<String> {
        let ratio = |figures: &Figures| figures.over(&self.plain).median();
        vec![
            group.to_string(),
            self.claims.shown(),
            self.finishes.shown(),
            self.plain.shown(),
            format!("{:.2} : {:.2}", ratio(&self.claims), ratio(&self.finishes)),
            format!("{:.0} : {:.0}", self.elapsed.median(), self.cpu.median()),
        ]
    }
}

fn attempt(job: JobId) -> Attempt {
    Attempt {
        job,
        attempt: 1,
        service: Service::WebhookSender,
        event_source: "http://localhost:8080".to_owned(),
        event_id: job.to_string(),
        event_name: "scan_added".to_owned(),
        channel: Channel::Webhooks,
        recipient: Some(1),
        destination: Some(1),
        lease: Duration::from_secs(90),
    }
}

fn finished(job: JobId) -> Finished {
    Finished {
        job,
        attempt: 1,
        state: State::Delivered,
        reason: None,
        detail: None,
        provider_id: None,
        status: Some(200),
    }
}

/// As many rows as finished attempts have, a statement for each group.
async fn insert_plainly(database: &mut PgConnection, group: usize, rows: usize) -> Result<f64> {
    let started = Instant::now();
    for start in (0..rows).step_by(group) {
        let jobs: Vec<String> = (start..rows.min(start + group))
            .map(|_| Uuid::new_v4().to_string())
            .collect();
        sqlx::query(
            "INSERT INTO deliveries (job_id, attempt, service, channel, event_source, event_id, event_name,
                                     recipient, destination, lease_until, state, status, finished_at)
             SELECT job_id, 1, 'webhook-sender', 'webhooks', 'http://localhost:8080', job_id, 'scan_added',
                    1, 1, now(), 'delivered', 200, now()
             FROM UNNEST($1::text[]) AS t (job_id)",
        )
        .bind(jobs)
        .execute(&mut *database)
        .await?;
    }
    Ok(rows as f64 / started.elapsed().as_secs_f64())
}
