//! How fast messages come through: by the depth of the queues they arrive in, looked at from
//! outside, for the limit and for ours alike.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::time::sleep;

use super::broker::Broker;
use super::process::Process;

/// How often the queues are looked at.
const LOOK: Duration = Duration::from_millis(10);

/// How long the next message may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of one run.
#[derive(Clone, Copy, Debug)]
pub struct Passage {
    /// Messages a second, from the first that arrived to the last.
    pub rate: f64,
    /// CPU time of the process for one message, in µs.
    pub cpu: f64,
}

/// Watches a queue until all messages have arrived in it.
///
/// # Errors
/// If none arrives for a minute, or the process ends.
pub async fn watch(
    broker: &Broker,
    queue: &str,
    expected: usize,
    process: Process,
) -> Result<Passage> {
    let look = async || anyhow::Ok((broker.depth(queue).await?, Instant::now()));
    let (first, started) = loop {
        let (depth, now) = look().await?;
        if depth > 0 {
            break (depth, now);
        }
        process.cpu()?;
        sleep(LOOK).await;
    };
    let cpu_before = process.cpu()?;
    let (mut arrived, mut moved) = (first, started);
    while arrived < expected as u64 {
        sleep(LOOK).await;
        let (depth, now) = look().await?;
        if depth > arrived {
            (arrived, moved) = (depth, now);
        } else if now.duration_since(moved) > PATIENCE {
            bail!("{arrived} of {expected} messages arrived in {queue}, and no more");
        }
    }
    let cpu = process.cpu()? - cpu_before;
    let count = (arrived - first) as f64;
    Ok(Passage {
        rate: count / moved.duration_since(started).as_secs_f64(),
        cpu: cpu.as_secs_f64() * 1e6 / count,
    })
}
