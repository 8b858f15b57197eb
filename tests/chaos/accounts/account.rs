//! The account: what was to come, what came, and what may have come twice.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use proto_events::outcome::State;
use proto_events::{Channel, JobId};
use system_tests::play::Play;

use super::expected::{ALERTED, TARGETS, decided, mark, number};

/// How many problems are told.
const EXAMPLES: usize = 20;

/// What went in and what came out.
#[derive(Default)]
pub(super) struct Account {
    /// Events published.
    pub(super) published: usize,
    /// Jobs that a sender had claimed and not finished when it was killed.
    pub(super) in_flight: HashSet<JobId>,
    /// What is wrong.
    pub(super) problems: Vec<String>,
    decided: usize,
    lines: BTreeMap<Channel, Line>,
}

/// The account of one channel.
#[derive(Default)]
struct Line {
    expected: usize,
    received: usize,
    doubled: usize,
    in_flight: Option<usize>,
}

impl Account {
    /// Whether nothing is under way any more: all decided, all delivered, no claim open,
    /// no message waiting.
    pub(super) async fn is_quiet(&self, play: &Play) -> bool {
        if play.receivers.record.all().len() < TARGETS.len() * self.published {
            return false;
        }
        let books = play.store().account().await.unwrap();
        let final_ones = books
            .deliveries
            .iter()
            .filter(|(_, state, _)| !is_open(*state));
        let settled: i64 = final_ones.map(|(.., count)| count).sum();
        let all = [(settled, TARGETS.len()), (books.alerts, ALERTED.len())];
        all.iter()
            .all(|(count, each)| usize::try_from(*count).unwrap() >= each * self.published)
            && !books.deliveries.iter().any(|(_, state, _)| is_open(*state))
            && play.world.messages_in_queues().await.unwrap() == 0
    }

    /// Compares receivers, ledger, alerts, events and dead letters with what was published.
    pub(super) async fn closed(mut self, play: &Play) -> Self {
        self.decided = decided(play).await;
        if self.decided != self.published {
            self.problem(format!("{} events have a record", self.decided));
        }
        for letter in play.store().dead_letters().await.unwrap() {
            self.problem(format!(
                "{} gave up: {} ({})",
                letter.service, letter.detail, letter.reason
            ));
        }
        let jobs = self.count_messages(play);
        self.compare_ledger(play, &jobs).await;
        self.problems.truncate(EXAMPLES);
        self
    }

    /// What the receivers got: each expected message, no other, and copies only as allowed.
    /// Gives the jobs that came.
    fn count_messages(&mut self, play: &Play) -> HashMap<JobId, Channel> {
        let mut came: HashMap<(Channel, String, usize), Vec<JobId>> = HashMap::new();
        for message in play.receivers.record.all() {
            let (Some(event), Some(job)) = (number(&message.body), message.job) else {
                self.problem(format!(
                    "{:?} to {} has no number or no id",
                    message.channel, message.to
                ));
                continue;
            };
            came.entry((message.channel, message.to.clone(), event))
                .or_default()
                .push(job);
        }
        let mut jobs = HashMap::new();
        for (channel, to) in TARGETS {
            for number in 0..self.published {
                let copies = came
                    .remove(&(channel, to.to_owned(), number))
                    .unwrap_or_default();
                jobs.extend(copies.iter().map(|job| (*job, channel)));
                let what = format!("{channel} to {to} of {}", mark(number));
                self.count(channel, &what, &copies);
            }
        }
        for (channel, to, number) in came.keys() {
            self.problem(format!(
                "{channel} to {to} of {} was not expected",
                mark(*number)
            ));
        }
        jobs
    }

    fn count(&mut self, channel: Channel, what: &str, copies: &[JobId]) {
        let line = self.lines.entry(channel).or_default();
        line.expected += 1;
        line.received += copies.len();
        line.doubled += copies.len().saturating_sub(1);
        match copies {
            [] => self.problem(format!("{what} never came")),
            [_] => {}
            [first, second] if first == second && self.in_flight.contains(first) => {}
            [first, second] if first == second => {
                self.problem(format!(
                    "{what} came twice, and was not in flight at a kill"
                ));
            }
            [_, _] => self.problem(format!("{what} came under two ids")),
            _ => self.problem(format!("{what} came {} times", copies.len())),
        }
    }

    /// The ledger must know every job that came as delivered and no other, and every
    /// person's alert once.
    async fn compare_ledger(&mut self, play: &Play, jobs: &HashMap<JobId, Channel>) {
        let mut alerts: HashMap<(String, Option<String>), usize> = HashMap::new();
        let mut delivered = HashSet::new();
        for entry in play.store().ledger().await.unwrap() {
            if entry.channel == Channel::Alert {
                *alerts.entry((entry.event_id, entry.recipient)).or_default() += 1;
            } else if matches!(entry.state, State::Delivered | State::Accepted) {
                delivered.insert(entry.job);
            } else {
                self.problem(format!(
                    "the ledger says {} of {}",
                    entry.state, entry.event_id
                ));
            }
        }
        let came: HashSet<JobId> = jobs.keys().copied().collect();
        for job in delivered.symmetric_difference(&came) {
            self.problem(format!("receivers and ledger do not agree on {job}"));
        }
        for channel in TARGETS.map(|(channel, _)| channel) {
            let at_a_kill = self
                .in_flight
                .iter()
                .filter(|job| jobs.get(job) == Some(&channel));
            self.lines.entry(channel).or_default().in_flight = Some(at_a_kill.count());
        }
        let line = Line {
            expected: ALERTED.len() * self.published,
            received: alerts.values().sum(),
            ..Line::default()
        };
        let once = |number| {
            ALERTED
                .iter()
                .all(|who| alerts.get(&(mark(number), who.map(str::to_owned))) == Some(&1))
        };
        if let Some(number) = (0..self.published).find(|number| !once(*number)) {
            self.problem(format!("not everybody has one alert of {}", mark(number)));
        }
        if line.received != line.expected {
            self.problem(format!(
                "{} alerts instead of {}",
                line.received, line.expected
            ));
        }
        self.lines.insert(Channel::Alert, line);
    }

    fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }
}

fn is_open(state: State) -> bool {
    matches!(state, State::Claimed | State::Retrying)
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} events published, {} decided",
            self.published, self.decided
        )?;
        writeln!(
            f,
            "{:<10}{:>10}{:>10}{:>10}{:>24}",
            "", "expected", "received", "doubled", "in flight at its kill"
        )?;
        for (channel, line) in &self.lines {
            let in_flight = line
                .in_flight
                .map_or_else(|| "-".to_owned(), |count| count.to_string());
            let Line {
                expected,
                received,
                doubled,
                ..
            } = line;
            writeln!(
                f,
                "{:<10}{expected:>10}{received:>10}{doubled:>10}{in_flight:>24}",
                channel.as_str()
            )?;
        }
        Ok(())
    }
}
