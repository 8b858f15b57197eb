//! What router, ledger and dead letters say.

use std::collections::{BTreeMap, HashSet};

use proto_events::outcome::State;
use proto_events::{Channel, Service, ids};
use store::{DecidedEvent, FiledLetter, LedgerEntry, Store};

/// How many examples a list of what is missing gives.
const EXAMPLES: usize = 5;

/// The state of the books at one moment.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// The router's decisions.
    pub decided: Vec<DecidedEvent>,
    /// Every delivery and alert that was decided.
    pub ledger: Vec<LedgerEntry>,
    /// Alerts that tell superusers of deliveries that were given up: nobody decided those.
    pub notices: Vec<LedgerEntry>,
    /// What was given up.
    pub dead: Vec<FiledLetter>,
}

/// What became of the deliveries of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Deliveries that the router decided.
    pub decided: usize,
    /// Arrived.
    pub delivered: usize,
    /// Taken by a receiver who does not say whether it arrived.
    pub accepted: usize,
    /// Given up.
    pub dead: usize,
    /// Not final yet.
    pub waiting: usize,
    /// Attempts beyond the first.
    pub retries: i64,
}

impl Balance {
    /// The balance of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            decided: self.decided + other.decided,
            delivered: self.delivered + other.delivered,
            accepted: self.accepted + other.accepted,
            dead: self.dead + other.dead,
            waiting: self.waiting + other.waiting,
            retries: self.retries + other.retries,
        }
    }
}

impl Books {
    /// Reads them.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn read(store: &Store) -> anyhow::Result<Self> {
        // In this order, so that no delivery is read without its decision.
        let (notices, ledger) = store.ledger().await?.into_iter().partition(|entry| {
            entry.channel == Channel::Alert && entry.event_id.starts_with(ids::GIVEN_UP)
        });
        let dead = store.dead_letters().await?;
        let decided = store.decided_events().await?;
        Ok(Self {
            decided,
            ledger,
            notices,
            dead,
        })
    }

    /// What the router gave up because nobody can read it.
    pub fn unreadable(&self) -> impl Iterator<Item = &FiledLetter> {
        let router = Service::EventRouter.as_str();
        self.dead
            .iter()
            .filter(move |letter| letter.service == router)
    }

    /// The balance of each channel.
    #[must_use]
    pub fn balances(&self) -> BTreeMap<Channel, Balance> {
        let mut balances: BTreeMap<Channel, Balance> = Channel::ALL
            .into_iter()
            .map(|channel| (channel, Balance::default()))
            .collect();
        for (channel, people) in self.decided.iter().flat_map(|event| &event.decisions) {
            balances.entry(*channel).or_default().decided += people.len();
        }
        for entry in &self.ledger {
            let balance = balances.entry(entry.channel).or_default();
            balance.retries += entry.attempts - 1;
            match entry.state {
                State::Delivered => balance.delivered += 1,
                State::Accepted => balance.accepted += 1,
                State::Dead => balance.dead += 1,
                State::Claimed | State::Retrying => {}
            }
        }
        for balance in balances.values_mut() {
            let finished = balance.delivered + balance.accepted + balance.dead;
            balance.waiting = balance.decided.saturating_sub(finished);
        }
        balances
    }

    /// The balance of all channels.
    #[must_use]
    pub fn balance(&self) -> Balance {
        self.balances()
            .into_values()
            .fold(Balance::default(), Balance::plus)
    }

    /// Which of the published events are not decided, and which deliveries are not final;
    /// empty when nothing is waiting.
    #[must_use]
    pub fn missing(&self, published: &[String], unreadable: usize) -> Vec<String> {
        let decided: HashSet<&str> = self.decided.iter().map(|event| event.id.as_str()).collect();
        let undecided: Vec<&str> = published
            .iter()
            .map(String::as_str)
            .filter(|id| !decided.contains(id))
            .collect();
        let open: Vec<String> = self
            .ledger
            .iter()
            .filter(|entry| matches!(entry.state, State::Claimed | State::Retrying))
            .map(describe)
            .collect();
        let mut missing = Vec::new();
        if !undecided.is_empty() {
            let some = undecided[..undecided.len().min(EXAMPLES)].join(", ");
            missing.push(format!(
                "{} events are not decided: {some}",
                undecided.len()
            ));
        }
        let unfiled = unreadable.saturating_sub(self.unreadable().count());
        if unfiled > 0 {
            missing.push(format!("{unfiled} unreadable messages are not filed"));
        }
        if !open.is_empty() {
            let some = open[..open.len().min(EXAMPLES)].join(", ");
            missing.push(format!("{} deliveries are under way: {some}", open.len()));
        }
        let unbegun = self.balance().waiting.saturating_sub(open.len());
        if unbegun > 0 {
            missing.push(format!("{unbegun} deliveries are not begun"));
        }
        missing
    }
}

/// A delivery in words.
#[must_use]
pub fn describe(entry: &LedgerEntry) -> String {
    format!(
        "{} of {} ({}) for {}, {} after {} attempts",
        entry.channel,
        entry.event_name,
        entry.event_id,
        entry.recipient.as_deref().unwrap_or("the system"),
        entry.state,
        entry.attempts
    )
}
