//! Why an event reaches whom it reaches, whole and in words, for whoever shows it to people.

use chrono::{DateTime, Utc};
use proto_events::directory::{Destination, User};
use proto_events::{Channel, Event};
use schemars::JsonSchema;
use serde::Serialize;

use crate::directory::{Directory, Presence};
use crate::explain::{ChannelExplanation, DestinationExplanation, Explainer, Explanation};
use crate::facts::Facts;
use crate::holding::Held;
use crate::policy::Policy;

/// What is told of an event.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// The event's name.
    pub event: String,
    /// The rule column that it follows.
    pub column: &'static str,
    /// What is worth knowing of the whole event.
    pub notes: Vec<String>,
    /// The system first, then users by id.
    pub receivers: Vec<Receiver>,
    /// Destinations with a filter, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<Filtered>,
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

/// A name that is nobody's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NobodyCalled {
    /// No user has it.
    #[error("nobody is called \"{0}\"")]
    User(String),
    /// No destination with a filter has it.
    #[error("no destination with a filter is called \"{0}\"")]
    Destination(String),
}

/// The system or a user.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Receiver {
    /// The username; none is the system.
    pub user: Option<String>,
    /// What holds for every channel.
    pub reasons: Vec<String>,
    /// Note and finding details are left out.
    pub redacted: bool,
    /// What comes of each channel.
    pub channels: Vec<Told>,
}

/// What comes of a channel.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Told {
    /// The channel.
    pub channel: Channel,
    /// Whether it is used.
    pub told: bool,
    /// The rules that count, what they say, and what keeps the channel shut.
    pub reasons: Vec<String>,
    /// Where jobs go, by the destinations' ids; alerts go nowhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<i64>,
}

/// A destination with a filter.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Filtered {
    /// What people call it.
    pub name: String,
    /// The channel.
    pub channel: Channel,
    /// Whether it is told.
    pub told: bool,
    /// Why.
    pub reasons: Vec<String>,
    /// Its id.
    pub id: i64,
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
    ) -> Result<Self, NobodyCalled> {
        let facts = Facts::from(event);
        let held = |it: &Destination| directory.held(it, &facts, now);
        let explainer = Explainer::new(directory, policy, facts);
        let (users, destinations) = match of {
            Of::User(name) => {
                let user = directory.user_named(name);
                let user = user.ok_or_else(|| NobodyCalled::User(name.to_owned()))?;
                (vec![explainer.user(user)], Vec::new())
            }
            Of::Destination(name) => {
                let mut all = directory.filtered_destinations().into_iter();
                let found = all.find(|filtered| filtered.name == name);
                let found = found.ok_or_else(|| NobodyCalled::Destination(name.to_owned()))?;
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

impl Filtered {
    /// What it is told, and until when that is held back.
    fn new(
        explained: DestinationExplanation<'_>,
        held: impl Fn(&Destination) -> Option<Held>,
    ) -> Self {
        let DestinationExplanation {
            filtered,
            told,
            reasons,
        } = explained;
        let mut reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        if told {
            reasons.extend(held(&filtered.destination).map(|held| held.to_string()));
        }
        Self {
            name: filtered.name.clone(),
            channel: filtered.destination.channel,
            told,
            reasons,
            id: filtered.destination.id,
        }
    }
}
