//! Why an event reaches whom it reaches, as the command tells it.

use std::fmt;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use proto_events::directory::{Destination, User};
use proto_events::{Channel, Event};
use rules::{ChannelExplanation, Directory, Explainer, Explanation, Facts, Held, Policy, Presence};
use serde::Serialize;

use super::filtered::Filtered;
use crate::screen::printable;

/// What is told of an event.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The event's name.
    event: String,
    /// The rule column that it follows.
    column: &'static str,
    /// What is worth knowing of the whole event.
    notes: Vec<String>,
    /// The system first, then users by id.
    receivers: Vec<Receiver>,
    /// Destinations with a filter, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    destinations: Vec<Filtered>,
}

/// Whom an explanation is for.
#[derive(Clone, Copy, Debug)]
pub enum Of<'n> {
    /// The system and everybody who is asked.
    Everybody,
    /// One user, asked or not.
    User(&'n str),
    /// One destination with a filter, whatever its filter.
    Destination(&'n str),
}

/// The system or a user.
#[derive(Clone, Debug, Serialize)]
struct Receiver {
    /// The username; none is the system.
    user: Option<String>,
    /// What holds for every channel.
    reasons: Vec<String>,
    redacted: bool,
    channels: Vec<Told>,
}

/// What comes of a channel.
#[derive(Clone, Debug, Serialize)]
struct Told {
    channel: Channel,
    told: bool,
    /// The rules that count, what they say, and what keeps the channel shut.
    reasons: Vec<String>,
    /// Where jobs go, by the destinations' ids; alerts go nowhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    destinations: Vec<i64>,
}

impl Answer {
    /// Explains an event as of a moment, on which it depends what is held back.
    ///
    /// # Errors
    /// If nobody is called so.
    pub fn new(
        directory: &Directory,
        policy: &Policy,
        event: &Event,
        of: Of<'_>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        let facts = Facts::from(event);
        let held = |it: &Destination| directory.held(it, &facts, now);
        let explainer = Explainer::new(directory, policy, facts);
        let (users, destinations) = match of {
            Of::User(name) => {
                let user = directory.user_named(name);
                let user = user.with_context(|| format!("nobody is called \"{name}\""))?;
                (vec![explainer.user(user)], Vec::new())
            }
            Of::Destination(name) => {
                let mut all = directory.filtered_destinations().into_iter();
                let found = all.find(|filtered| filtered.name == name);
                let found = found.with_context(|| {
                    format!("no destination with a filter is called \"{name}\"")
                })?;
                (Vec::new(), vec![found])
            }
            Of::Everybody => {
                let asked = explainer.asked().into_iter();
                let users = asked.map(|user| explainer.user(user));
                let all = [explainer.system()].into_iter().chain(users).collect();
                (all, explainer.watching())
            }
        };
        let receivers = users
            .into_iter()
            .map(|explanation| receiver(directory, explanation, held));
        let destinations = destinations
            .into_iter()
            .map(|destination| Filtered::new(explainer.destination(destination), held));
        Ok(Self {
            event: facts.name.as_str().to_owned(),
            column: facts.name.column().as_str(),
            notes: notes(directory, &facts),
            receivers: receivers.collect(),
            destinations: destinations.collect(),
        })
    }
}

/// What the directory does not know of an event.
fn notes(directory: &Directory, facts: &Facts<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if directory.is_behind(facts) {
        notes.push("its product or product type is not known: the router waits for it a while, then decides as follows".to_owned());
    }
    if let Some(id) = facts
        .product
        .filter(|id| directory.product(*id) == Presence::Deleted)
    {
        notes.push(format!("product {id} is deleted"));
    }
    let unknown = facts.recipients.into_iter().flatten().flatten();
    for name in unknown.filter(|reference| directory.find(reference).is_none()) {
        notes.push(format!("nobody is called {name}"));
    }
    notes
}

fn receiver(
    directory: &Directory,
    explanation: Explanation<'_>,
    held: impl Fn(&Destination) -> Option<Held>,
) -> Receiver {
    let Explanation {
        user,
        reasons,
        redacted,
        channels,
    } = explanation;
    Receiver {
        user: user.map(|user| user.username.clone()),
        reasons: reasons.iter().map(ToString::to_string).collect(),
        redacted,
        channels: channels
            .into_iter()
            .map(|channel| told(directory, user, channel, &held))
            .collect(),
    }
}

/// A channel, and for one that is used also where it leads, and when.
fn told(
    directory: &Directory,
    user: Option<&User>,
    explained: ChannelExplanation,
    held: impl Fn(&Destination) -> Option<Held>,
) -> Told {
    let ChannelExplanation {
        channel,
        told,
        reasons,
    } = explained;
    let mut reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    let mut destinations = Vec::new();
    if told && channel != Channel::Alert {
        let all: Vec<_> = directory
            .destinations(user.map(|user| user.id), channel)
            .collect();
        let open = all.iter().filter(|destination| !destination.switched_off);
        for destination in open {
            destinations.push(destination.id);
            let until = held(destination).map(|held| held.to_string());
            reasons.extend(until.filter(|words| !reasons.contains(words)));
        }
        if all.is_empty() {
            reasons.push("but there is nowhere to send it".to_owned());
        } else if destinations.is_empty() {
            reasons.push("but a person switched off where it would go".to_owned());
        }
    }
    Told {
        channel,
        told,
        reasons,
        destinations,
    }
}

impl fmt::Display for Answer {
    /// One paragraph a receiver, one line a channel.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = printable(&self.event);
        write!(f, "{event} follows the column {}.", self.column)?;
        for note in &self.notes {
            write!(f, "\n{}.", printable(note))?;
        }
        for receiver in &self.receivers {
            write!(f, "\n\n{receiver}")?;
        }
        if !self.destinations.is_empty() {
            f.write_str("\n\ndestinations with a filter:")?;
        }
        for destination in &self.destinations {
            write!(f, "\n  {destination}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.user.as_deref().map_or("the system".into(), printable);
        write!(f, "{name}: {}", printable(&self.reasons.join("; ")))?;
        for told in &self.channels {
            let word = if told.told { "yes" } else { "no" };
            let reasons = printable(&told.reasons.join("; "));
            write!(f, "\n  {:<9} {word:<4} {reasons}", told.channel.as_str())?;
        }
        Ok(())
    }
}
