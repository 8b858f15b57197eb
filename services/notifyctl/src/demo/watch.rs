//! Watching what arrives, until nothing is waiting, and comparing it with the books.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use proto_events::Channel;

use super::board::{Board, Tally};
use super::books::Books;
use super::compare::differences;
use super::play::{Demo, Sent};
use super::report;
use crate::screen::Screen;
use crate::stage::receivers::Received;

/// How long everything may take to arrive.
const DEADLINE: Duration = Duration::from_secs(120);

/// How long what is final may take until receivers and broker show it.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// How often the books are read.
const LOOK: Duration = Duration::from_millis(250);

/// How many differences are shown.
const SHOWN: usize = 20;

impl Demo {
    /// Shows what arrives until nothing is waiting; gives the books and what was received.
    pub(super) async fn watch(
        &mut self,
        screen: &Screen,
        sent: &Sent,
    ) -> anyhow::Result<(Books, Vec<Arc<Received>>)> {
        let board = Board::of(&self.directory);
        let started = Instant::now();
        let mut ticks = tokio::time::interval(LOOK);
        let mut view = screen.redrawn();
        let table = |received: &[Arc<Received>], books: &Books| {
            let tally = Tally::of(received, &self.people, &books.ledger);
            board
                .table(&tally, screen.width(), screen.has_colour())
                .to_string()
        };
        let books = loop {
            ticks.tick().await;
            let books = Books::read(self.world.store()).await?;
            let received = self.receivers.record.all();
            let status = status(sent, &books, received.len(), started.elapsed());
            view.draw(&table(&received, &books), &status)?;
            let missing = books.missing(&sent.events, sent.unreadable);
            if missing.is_empty() {
                break books;
            }
            self.fleet.check()?;
            if started.elapsed() >= DEADLINE {
                let found = differences(&books, &received, &self.people);
                let lines: Vec<String> = missing.into_iter().chain(found).take(SHOWN).collect();
                bail!(
                    "not everything arrived within {} s:\n  {}\nThe services' logs: {}",
                    DEADLINE.as_secs(),
                    lines.join("\n  "),
                    self.fleet.logs().display()
                );
            }
        };
        let received = self.last_words(&books).await;
        view.clear()?;
        screen.say(&table(&received, &books))?;
        Ok((books, received))
    }

    /// What the receivers got, once they have told everything that the ledger counts as
    /// arrived. If they do not, the comparison says what is missing.
    async fn last_words(&self, books: &Books) -> Vec<Arc<Received>> {
        let record = &self.receivers.record;
        let balances = books.balances();
        let arrived: usize = balances
            .iter()
            .filter(|(channel, _)| **channel != Channel::Alert)
            .map(|(_, balance)| balance.delivered + balance.accepted)
            .sum();
        let all_told = record.wait_for("the last message", LAST_WORDS, |all| {
            all.iter().filter(|message| message.accepted).count() >= arrived
        });
        all_told.await.unwrap_or_else(|_| record.all())
    }

    /// Compares receivers, ledger and decisions, and looks into the broker's queues.
    pub(super) async fn compare(
        &self,
        screen: &Screen,
        books: &Books,
        received: &[Arc<Received>],
    ) -> anyhow::Result<()> {
        let mut found = differences(books, received, &self.people);
        let left = self.left_in_queues().await?;
        if left > 0 {
            found.push(format!("{left} messages are left in queues on the broker"));
        }
        report::comparison(screen, &found[..found.len().min(SHOWN)])?;
        if !found.is_empty() {
            bail!(
                "receivers, ledger and decisions differ in {} places; see above",
                found.len()
            );
        }
        Ok(())
    }

    /// How many messages stay in queues; one that was delivered twice to a service may
    /// still be on its way to be recognised.
    async fn left_in_queues(&self) -> anyhow::Result<u64> {
        let started = Instant::now();
        loop {
            let left = self.world.messages_in_queues().await?;
            if left == 0 || started.elapsed() >= LAST_WORDS {
                return Ok(left);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn status(sent: &Sent, books: &Books, received: usize, elapsed: Duration) -> String {
    let balance = books.balance();
    format!(
        "{} s: {} of {} events decided, {received} messages received, deliveries waiting: {}, retries: {}",
        elapsed.as_secs(),
        books.decided.len(),
        sent.events.len(),
        balance.waiting,
        balance.retries,
    )
}
