//! What is worth a second look, read from the books. Pure.

use std::collections::{BTreeMap, BTreeSet};

use proto_events::{Channel, Column};
use serde_json::Value;
use store::DecidedEvent;

use super::books::Books;
use super::people::Who;

/// Sentences about decisions and deliveries that are not obvious.
#[must_use]
pub fn highlights(books: &Books) -> Vec<String> {
    let mut sentences = switched_off(&books.decided);
    sentences.extend(unknown_name(&books.decided));
    sentences.extend(tried_again(books));
    sentences.extend(notes(&books.decided));
    sentences
}

/// Our own events, which name people who want nothing.
fn switched_off(decided: &[DecidedEvent]) -> Vec<String> {
    ["demo-review-requested", "demo-user-mentioned"]
        .into_iter()
        .filter_map(|id| decided.iter().find(|event| event.id == id))
        .map(|event| {
            let people: BTreeSet<&str> = event
                .decisions
                .values()
                .flatten()
                .flatten()
                .map(String::as_str)
                .collect();
            let told: Vec<String> = people.into_iter().map(|who| through(event, who)).collect();
            format!(
                "{} overrules those who switched it off (DD_NOTIFICATIONS_SYSTEM_LEVEL_TRUMP): {}.",
                event.name,
                told.join("; ")
            )
        })
        .collect()
}

fn through(event: &DecidedEvent, who: &str) -> String {
    let channels: Vec<&str> = event
        .decisions
        .iter()
        .filter(|(_, people)| people.iter().any(|one| one.as_deref() == Some(who)))
        .map(|(channel, _)| channel.as_str())
        .collect();
    format!("{who} by {}", channels.join(", "))
}

fn unknown_name(decided: &[DecidedEvent]) -> Option<String> {
    let event = decided
        .iter()
        .find(|event| event.id == "demo-unknown-name")?;
    let deliveries = event.decisions.values().map(Vec::len).sum::<usize>();
    Some(format!(
        "{} is an event nobody foresaw: it followed the rule \"{}\" and made {deliveries} deliveries.",
        event.name,
        Column::Other.as_str()
    ))
}

fn tried_again(books: &Books) -> Option<String> {
    let again = books
        .ledger
        .iter()
        .find(|entry| entry.attempts > 1 && entry.channel == Channel::Msteams)?;
    Some(format!(
        "Teams answered 503 at first: {} came to it with attempt {}, after 5 s on the retry ladder.",
        again.event_name, again.attempts
    ))
}

/// What the router noted about people who were not told, or not everything.
fn notes(decided: &[DecidedEvent]) -> Vec<String> {
    let listed = |name: &str| -> Vec<&str> {
        let lists = decided
            .iter()
            .filter_map(|event| event.notes[name].as_array());
        lists.flatten().filter_map(Value::as_str).collect()
    };
    let mut sentences = Vec::new();
    let redacted = listed("redacted").len();
    if redacted > 0 {
        sentences.push(format!(
            "{redacted} times somebody was named who may not see the product: told without note and finding details."
        ));
    }
    let unknown: BTreeSet<&str> = listed("unknown_recipients").into_iter().collect();
    if !unknown.is_empty() {
        let unknown: Vec<&str> = unknown.into_iter().collect();
        sentences.push(format!(
            "Named by an event, but unknown: {}; the others were told.",
            unknown.join(", ")
        ));
    }
    let mut nowhere: BTreeMap<&str, BTreeSet<Who>> = BTreeMap::new();
    for (channel, people) in decided
        .iter()
        .filter_map(|event| event.notes["no_destination"].as_object())
        .flatten()
    {
        let people: Vec<Who> = serde_json::from_value(people.clone()).unwrap_or_default();
        nowhere.entry(channel).or_default().extend(people);
    }
    sentences.extend(nowhere.into_iter().map(|(channel, people)| {
        let people: Vec<&str> = people
            .iter()
            .map(|who| who.as_deref().unwrap_or("the system"))
            .collect();
        format!(
            "Rules name {channel} for {}, who have no address there.",
            people.join(", ")
        )
    }));
    sentences
}
