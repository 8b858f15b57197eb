//! A service's two sessions at work: numbers are published without end, read and acknowledged.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chassis::Runtime;
use chassis::broker::{Consumer, Headers, Outgoing, Published, Publisher};
use chassis::config::{BrokerConfig, ChassisConfig};
use clap::Parser;
use proto_events::{Names, Service};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::back::Back;

/// How soon a client must be at work again.
pub(super) const WITHIN: Duration = Duration::from_secs(30);

/// How many numbers go together: enough that some are on their way whenever something breaks.
const BATCH: usize = 50;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    chassis: ChassisConfig,
}

/// The broker's configuration as services have it, with what is given on the command line.
pub(super) fn config(url: &str, more: &[&str]) -> BrokerConfig {
    let words = ["test", "--broker-url", url].into_iter();
    let words = words.chain(more.iter().copied());
    Command::parse_from(words).chassis.broker
}

/// How hard a client works.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// Between two batches.
    pub(super) pause: Duration,
    /// Bytes of a message.
    pub(super) size: usize,
}

/// A publisher and a consumer of one service's queue, which nobody but they mend.
pub(super) struct Client {
    service: Service,
    pub(super) runtime: Runtime,
    next: Arc<AtomicUsize>,
    enough: Arc<AtomicBool>,
    confirmed: watch::Receiver<usize>,
    read: watch::Receiver<Times>,
    publishing: JoinHandle<Vec<usize>>,
    consuming: JoinHandle<()>,
}

/// How often each number was read, from 0 to the last one that was.
type Times = Vec<u32>;

/// What a client did in its life.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// How many numbers the broker confirmed.
    pub(super) confirmed: usize,
    /// Confirmed numbers that were never read.
    pub(super) lost: Vec<usize>,
    /// How many numbers were read more than once.
    pub(super) again: usize,
}

impl Client {
    /// Starts to work; the sessions come by themselves.
    pub(super) fn start(config: &BrokerConfig, service: Service, pace: Pace) -> Self {
        let runtime = Runtime::new("test").unwrap();
        let (next, enough) = (
            Arc::new(AtomicUsize::new(1)),
            Arc::new(AtomicBool::new(false)),
        );
        let (confirm, confirmed) = watch::channel(0);
        let (take, read) = watch::channel(Times::new());
        let publishing = tokio::spawn(publish(
            Publisher::start(config, &runtime),
            draft(config, service, pace.size),
            pace.pause,
            (Arc::clone(&next), Arc::clone(&enough)),
            confirm,
        ));
        let consuming = tokio::spawn(consume(Consumer::new(config, service, &runtime), take));
        Self {
            service,
            runtime,
            next,
            enough,
            confirmed,
            read,
            publishing,
            consuming,
        }
    }

    /// Waits until a number that is first published from now on is confirmed, and until it
    /// or a later one is read; counts from `since`.
    pub(super) async fn back(&self, since: Instant) -> Back {
        let mark = self.next.load(Ordering::SeqCst);
        let (mut confirmed, mut read) = (self.confirmed.clone(), self.read.clone());
        let confirmed = confirmed.wait_for(|number| *number >= mark);
        let read = read.wait_for(|read| read.len() > mark);
        let (publish, consume) = tokio::join!(
            self.within("publish", since, confirmed),
            self.within("consume", since, read),
        );
        Back { publish, consume }
    }

    async fn within(&self, side: &str, since: Instant, work: impl Future) -> Duration {
        if timeout_at(since + WITHIN, work).await.is_err() {
            panic!(
                "{}: cannot {side} after {} s; what it says itself: {:?}",
                self.service,
                WITHIN.as_secs(),
                self.runtime.health.ailments()
            );
        }
        since.elapsed()
    }

    /// Stops publishing, reads what is still on its way, and gives the account of it all.
    pub(super) async fn finish(mut self) -> Account {
        self.enough.store(true, Ordering::SeqCst);
        let confirmed = self.publishing.await.unwrap();
        let missing = |read: &Times| -> Vec<usize> {
            let unread = |number: &usize| read.get(*number).is_none_or(|times| *times == 0);
            confirmed.iter().copied().filter(unread).collect()
        };
        let everything = self.read.wait_for(|read| missing(read).is_empty());
        // What is late is missing from the account.
        let _late = timeout(WITHIN, everything).await.is_err();
        self.runtime.stop.cancel();
        self.consuming.await.unwrap();
        let read = self.read.borrow();
        Account {
            confirmed: confirmed.len(),
            lost: missing(&read),
            again: read.iter().filter(|times| **times > 1).count(),
        }
    }
}

/// Publishes numbers until it is enough; gives back those that were confirmed.
async fn publish(
    publisher: Publisher,
    draft: Outgoing,
    pause: Duration,
    (next, enough): (Arc<AtomicUsize>, Arc<AtomicBool>),
    confirm: watch::Sender<usize>,
) -> Vec<usize> {
    let mut confirmed = Vec::new();
    while !enough.load(Ordering::SeqCst) {
        let first = next.fetch_add(BATCH, Ordering::SeqCst);
        let numbers = first..first + BATCH;
        let mut messages: Vec<Outgoing> = numbers.clone().map(|n| numbered(&draft, n)).collect();
        while !messages.is_empty() {
            let results = publisher.publish(&messages).await.unwrap();
            let came_back = messages.into_iter().zip(results).filter(|(_, result)| {
                // An exchange that was deleted is there again a moment before its binding.
                assert!(matches!(
                    result,
                    Published::Confirmed | Published::Unroutable
                ));
                *result == Published::Unroutable
            });
            messages = came_back.map(|(message, _)| message).collect();
        }
        confirmed.extend(numbers);
        confirm.send_replace(first);
        sleep(pause).await;
    }
    publisher.close().await;
    confirmed
}

/// Reads and acknowledges numbers until the client is stopped.
async fn consume(mut consumer: Consumer, take: watch::Sender<Times>) {
    while let Some(chunk) = consumer.chunk(64).await {
        for message in chunk {
            let number = number_of(&message.body);
            take.send_modify(|read| {
                read.resize(read.len().max(number + 1), 0);
                read[number] += 1;
            });
            message.ack.ack();
        }
    }
    consumer.close().await;
}

/// Reads and acknowledges until all of these numbers were read, now or before.
pub(super) async fn read(
    consumer: &mut Consumer,
    seen: &mut BTreeSet<usize>,
    numbers: Range<usize>,
) {
    while !numbers.clone().all(|number| seen.contains(&number)) {
        for message in consumer.chunk(5).await.unwrap() {
            seen.insert(number_of(&message.body));
            message.ack.ack();
        }
    }
}

/// A message to the service's queue whose body is filled up to a size.
pub(super) fn draft(config: &BrokerConfig, service: Service, size: usize) -> Outgoing {
    let names = &config.broker_prefix;
    let (exchange, routing_key) = match service.channel() {
        Some(channel) => (names.jobs(), channel.as_str()),
        None if service == Service::DirectorySync => (names.directory(), "user"),
        None if service == Service::Scheduler => (names.jobs(), Names::SCHEDULED),
        None => (names.events(), "scan_added"),
    };
    Outgoing {
        exchange,
        routing_key: routing_key.to_owned(),
        content_type: "application/octet-stream",
        message_id: String::new(),
        headers: Headers::default(),
        body: vec![0; size.max(8)],
    }
}

/// The draft with a number in it.
pub(super) fn numbered(draft: &Outgoing, number: usize) -> Outgoing {
    let mut message = draft.clone();
    message.message_id = number.to_string();
    message.body[..8].copy_from_slice(&(number as u64).to_be_bytes());
    message
}

/// The number in a message.
pub(super) fn number_of(body: &[u8]) -> usize {
    let number = u64::from_be_bytes(body[..8].try_into().unwrap());
    usize::try_from(number).unwrap()
}
