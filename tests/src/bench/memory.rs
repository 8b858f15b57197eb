//! Resident memory of each service at rest.

use std::time::Duration;

use anyhow::Result;
use notifyctl::stage::Servers;
use proto_events::Service;

use super::figures::{table, verdict};
use super::progress;
use super::stage::Stage;

/// What a service may take at rest, in MiB.
const GOAL: f64 = 40.0;

/// How long the services may take to read their queues.
const READY: Duration = Duration::from_secs(60);

/// After this time everything that a start needs has been freed.
const REST: Duration = Duration::from_secs(5);

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let mut stage = Stage::set_up(servers).await?;
    stage.fleet.start(&Service::ALL)?;
    stage.fleet.ready(READY).await?;
    progress("every service reads its queue; resting");
    tokio::time::sleep(REST).await;
    let mut rows = Vec::new();
    for service in Service::ALL {
        let resident = stage.process(service)?.resident()?;
        rows.push(vec![
            service.to_string(),
            format!("{resident:.1}"),
            format!("< {GOAL:.0}"),
            verdict(resident < GOAL, true),
        ]);
    }
    stage.fleet.terminate().await?;
    stage.close().await?;
    let header = ["service", "resident at rest, MiB", "goal", "verdict"];
    Ok(table(&header, &rows))
}
