//! The loop: take, apply, send to wait, file, acknowledge.

use chassis::Runtime;
use chassis::broker::{Consumer, Incoming, Outgoing, Published, Publisher, PublisherStopped};
use chassis::health::Part;
use chassis::ladder::Ladder;
use chassis::reconnect::until_ok;
use chrono::Utc;
use proto_events::{DirectoryChange, Names, Reason, Service};
use store::{DeadLetter, Store};
use tokio_util::sync::CancellationToken;

use crate::config::SyncConfig;
use crate::count::{Count, Outcome};
use crate::reading::{Ground, read};
use crate::sweeping::sweep;
use crate::verdict::{Verdict, copy, dead_letter, verdict};

/// How many changes are applied in one transaction at most. Half of the usual prefetch, so
/// that the next ones are there while these are written.
const CHUNK: usize = 500;

struct Sync {
    names: Names,
    ladder: Ladder,
    size_limit: usize,
    store: Store,
    database: Part,
    publisher: Publisher,
    count: Count,
}

/// Runs the service until it is to stop.
///
/// # Errors
/// If the configuration cannot be used, or the service broke down.
pub async fn run(config: &SyncConfig, runtime: Runtime) -> anyhow::Result<()> {
    let count = Count::new(&runtime.metrics.registry)?;
    let database = runtime.health.part("database");
    let store = Store::new(&config.store, Service::DirectorySync.as_str())?;
    if until_ok(&database, &runtime.stop, || store.ready())
        .await
        .is_none()
    {
        return Ok(());
    }
    let broker = &config.chassis.broker;
    let mut consumer = Consumer::new(broker, Service::DirectorySync, &runtime);
    let sweeping = tokio::spawn(sweep(store.clone(), runtime.stop.clone()));
    let sync = Sync {
        names: broker.broker_prefix.clone(),
        ladder: broker.retry_ladder.clone(),
        size_limit: config.message_size_limit,
        store,
        database,
        publisher: Publisher::start(broker, &runtime),
        count,
    };
    // One chunk at a time: of two at once, one might hold what the other waits for.
    while let Some(chunk) = consumer.chunk(CHUNK).await {
        sync.deal_with(chunk).await?;
    }
    sync.publisher.close().await;
    consumer.close().await;
    sweeping.await?;
    Ok(())
}

impl Sync {
    /// Applies a chunk and acknowledges it once nothing of it can be lost. A chunk that is
    /// cut short comes again, and applying it twice changes nothing.
    async fn deal_with(&self, chunk: Vec<Incoming>) -> Result<(), PublisherStopped> {
        let now = Utc::now();
        let readings = chunk
            .iter()
            .map(|message| read(message, self.size_limit, now));
        let readings: Vec<Result<DirectoryChange, Ground>> = readings.collect();
        let changes: Vec<DirectoryChange> = readings.iter().flatten().cloned().collect();
        let mut fates = self.apply(&changes).await.into_iter();
        let mut waiting = Vec::new();
        let mut dead = Vec::new();
        for (message, reading) in chunk.iter().zip(readings) {
            let kind = reading.as_ref().ok().map(|change| change.kind);
            let ruling = match reading {
                Err(ground) => Verdict::Dead(ground),
                Ok(change) => match fates.next() {
                    Some(fate) => verdict(&change, message.headers.attempt, fate),
                    // The store answers to every change.
                    None => continue,
                },
            };
            let outcome = match ruling {
                Verdict::Done(outcome) => outcome,
                Verdict::Wait => {
                    waiting.push((message, copy(message, &self.names, &self.ladder)));
                    Outcome::Waiting
                }
                Verdict::Dead(ground) => {
                    dead.push(dead_letter(message, ground));
                    Outcome::Dead
                }
            };
            self.count.add(kind, outcome);
        }
        dead.extend(self.send_to_wait(waiting).await?);
        self.file(&dead).await;
        chunk.into_iter().for_each(|message| message.ack.ack());
        Ok(())
    }

    /// Applies changes until they are applied; meanwhile readiness says why they wait.
    async fn apply(&self, changes: &[DirectoryChange]) -> Vec<store::Fate> {
        if changes.is_empty() {
            return Vec::new();
        }
        let never = CancellationToken::new();
        until_ok(&self.database, &never, || self.store.apply_changes(changes))
            .await
            .unwrap_or_default()
    }

    /// Publishes copies to the ladder. What cannot wait is kept as a dead letter rather than
    /// lost.
    async fn send_to_wait(
        &self,
        waiting: Vec<(&Incoming, Outgoing)>,
    ) -> Result<Vec<DeadLetter>, PublisherStopped> {
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let (messages, copies): (Vec<&Incoming>, Vec<Outgoing>) = waiting.into_iter().unzip();
        let answers = self.publisher.publish(&copies).await?;
        let stranded = messages.into_iter().zip(answers).filter_map(|pair| {
            let (message, answer) = pair;
            let why = match answer {
                Published::Confirmed => return None,
                Published::Unroutable => format!(
                    "exchange {} has no queue for it; run notifyctl topology apply",
                    self.names.retry()
                ),
                Published::Refused(words) => format!("the broker refuses to take it: {words}"),
            };
            let detail = format!("it should wait, but {why}");
            Some(dead_letter(message, (Reason::Internal, detail)))
        });
        Ok(stranded.collect())
    }

    /// Files dead letters until they are filed, one by one, since each may be as large as a
    /// message may be.
    async fn file(&self, letters: &[DeadLetter]) {
        let never = CancellationToken::new();
        for letter in letters {
            until_ok(&self.database, &never, || {
                self.store.file_dead_letters(std::slice::from_ref(letter))
            })
            .await;
        }
    }
}
