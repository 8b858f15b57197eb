//! Whether receivers, ledger and decisions agree. Pure.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use proto_events::outcome::State;
use proto_events::{Channel, JobId};
use store::{DecidedEvent, LedgerEntry};

use super::books::{Books, describe};
use super::people::{People, Who};
use crate::stage::receivers::Received;

/// Everything in which they differ, in words; empty if they agree.
#[must_use]
pub fn differences(books: &Books, received: &[Arc<Received>], people: &People) -> Vec<String> {
    let mut differences = with_receivers(&books.ledger, received, people);
    differences.extend(with_decisions(&books.ledger, &books.decided));
    differences
}

/// Receivers against ledger, by job, channel and person. Alerts have no receiver: their
/// rows are what people see.
fn with_receivers(
    ledger: &[LedgerEntry],
    received: &[Arc<Received>],
    people: &People,
) -> Vec<String> {
    let entries: HashMap<JobId, &LedgerEntry> = ledger
        .iter()
        .filter(|entry| entry.channel != Channel::Alert)
        .map(|entry| (entry.job, entry))
        .collect();
    let mut differences = Vec::new();
    let mut times: HashMap<JobId, usize> = HashMap::new();
    for message in received.iter().filter(|message| message.accepted) {
        let entry = message.job.and_then(|job| entries.get(&job));
        match entry {
            None => differences.push(format!(
                "{} to {}: received, but the ledger knows no such job",
                message.channel, message.to
            )),
            Some(entry) => {
                *times.entry(entry.job).or_default() += 1;
                differences.extend(mismatch(entry, message, people));
            }
        }
    }
    for entry in entries.values() {
        let times = times.get(&entry.job).copied().unwrap_or_default();
        if times > 1 {
            differences.push(format!("{}: received {times} times", describe(entry)));
        } else if times == 0 && matches!(entry.state, State::Delivered | State::Accepted) {
            differences.push(format!("{}: no receiver got it", describe(entry)));
        }
    }
    differences
}

/// How a received message differs from its ledger entry.
fn mismatch(entry: &LedgerEntry, message: &Received, people: &People) -> Option<String> {
    let whose = people.whose(message);
    if !matches!(entry.state, State::Delivered | State::Accepted) {
        Some(format!(
            "{}: but {} received it",
            describe(entry),
            message.to
        ))
    } else if entry.channel != message.channel {
        Some(format!(
            "{}: received by {}",
            describe(entry),
            message.channel
        ))
    } else if whose.as_ref() != Some(&entry.recipient) {
        let whose = match whose {
            None => "nobody",
            Some(None) => "the system",
            Some(Some(ref name)) => name,
        };
        Some(format!(
            "{}: received at {}, an address of {whose}",
            describe(entry),
            message.to
        ))
    } else {
        None
    }
}

/// Decisions against ledger: as many deliveries for each event, channel and person.
fn with_decisions(ledger: &[LedgerEntry], decided: &[DecidedEvent]) -> Vec<String> {
    let mut counts: BTreeMap<(&str, Channel, &Who), (usize, usize)> = BTreeMap::new();
    for event in decided {
        for (channel, people) in &event.decisions {
            for who in people {
                counts.entry((&event.id, *channel, who)).or_default().0 += 1;
            }
        }
    }
    for entry in ledger {
        let key = (entry.event_id.as_str(), entry.channel, &entry.recipient);
        counts.entry(key).or_default().1 += 1;
    }
    counts
        .into_iter()
        .filter(|(_, (decided, in_ledger))| decided != in_ledger)
        .map(|((event, channel, who), (decided, in_ledger))| {
            let who = who.as_deref().unwrap_or("the system");
            format!(
                "event {event}, {channel} for {who}: {decided} decided, {in_ledger} in the ledger"
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::directory::Directory;
    use crate::stage::receivers::Via;

    fn job() -> JobId {
        uuid::Uuid::from_u128(7).into()
    }

    fn mail(to: &str) -> Arc<Received> {
        Arc::new(Received {
            channel: Channel::Mail,
            to: to.to_owned(),
            job: Some(job()),
            body: String::new(),
            via: Via::Smtp {
                from: String::new(),
                tls: false,
                login: None,
            },
            accepted: true,
            at: chrono::Utc::now(),
        })
    }

    fn books(state: State) -> Books {
        let ingrid = || Some("ingrid.holm".to_owned());
        Books {
            decided: vec![DecidedEvent {
                id: "e".to_owned(),
                name: "scan_added".to_owned(),
                directory_version: 1,
                decisions: [(Channel::Mail, vec![ingrid()])].into(),
                notes: serde_json::Value::Null,
            }],
            ledger: vec![LedgerEntry {
                event_id: "e".to_owned(),
                event_name: "scan_added".to_owned(),
                channel: Channel::Mail,
                recipient: ingrid(),
                destination: Some(1),
                job: job(),
                attempts: 1,
                state,
            }],
            notices: Vec::new(),
            dead: Vec::new(),
        }
    }

    fn found(books: &Books, received: &[Arc<Received>]) -> Vec<String> {
        differences(
            books,
            received,
            &People::of(&Directory::hafenwerk().unwrap()),
        )
    }

    #[test]
    fn what_was_decided_delivered_and_received_once_agrees() {
        let received = [mail("ingrid@hafenwerk.example")];
        assert_eq!(
            found(&books(State::Delivered), &received),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_delivery_that_nobody_received_is_told() {
        assert!(found(&books(State::Delivered), &[])[0].ends_with("no receiver got it"));
    }

    #[test]
    fn a_delivery_that_was_received_twice_is_told() {
        let received = [
            mail("ingrid@hafenwerk.example"),
            mail("ingrid@hafenwerk.example"),
        ];
        assert!(found(&books(State::Delivered), &received)[0].ends_with("received 2 times"));
    }

    #[test]
    fn a_delivery_at_somebody_elses_address_is_told() {
        let received = [mail("tomasz@hafenwerk.example")];
        assert!(found(&books(State::Delivered), &received)[0].ends_with("an address of tomasz_w"));
    }

    #[test]
    fn a_message_that_the_ledger_calls_dead_is_told() {
        let received = [mail("ingrid@hafenwerk.example")];
        assert!(found(&books(State::Dead), &received)[0].contains("dead after 1 attempts: but"));
    }

    #[test]
    fn a_decision_without_a_delivery_is_told() {
        let mut books = books(State::Delivered);
        books.ledger.clear();
        assert_eq!(
            found(&books, &[]),
            ["event e, mail for ingrid.holm: 1 decided, 0 in the ledger"]
        );
    }
}
