//! What would have reached somebody lately: the events of the last days, decided anew by the rules
//! as they are now.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proto_events::{Channel, Event};
use rules::{Directory, Explainer, Facts, Policy};
use store::browse::{EventText, NewestEvents};

use super::scope::Scope;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;

/// How many days are looked back.
pub(super) const DAYS: i64 = 7;

/// How many events are looked at.
pub(super) const MOST: u32 = 500;

/// How long their bodies may be together (bytes): a scan with all its findings may be long.
const BYTES: i64 = 16 * 1024 * 1024;

/// Messages by channel.
pub(super) type Counts = [u32; Channel::ALL.len()];

/// What would have reached somebody.
#[derive(Clone, Debug, Default)]
pub(super) struct Preview {
    /// Those that would have been told of, by their names.
    pub(super) events: BTreeMap<String, Told>,
    /// Messages of all events.
    pub(super) total: Counts,
    /// Messages that the rules ask for, and for which there is no address.
    pub(super) nowhere: Counts,
    /// The oldest event that was looked at, where there are more.
    pub(super) cut_at: Option<DateTime<Utc>>,
    /// Events that cannot be read.
    pub(super) unreadable: u32,
}

/// Events of a name.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) counts: Counts,
    /// The newest of them: its source and id, and when it was decided.
    pub(super) newest: (String, String, DateTime<Utc>),
}

/// For whom it is decided.
#[derive(Clone, Copy, Debug)]
enum Whom {
    System,
    Person {
        id: i64,
        /// Only what is about this product.
        product: Option<i64>,
    },
}

impl Preview {
    /// What would have reached whom a scope is about; the template reaches nobody.
    pub(super) async fn of(
        app: &App,
        caller: &Caller,
        scope: &Scope,
    ) -> Result<Option<Self>, Refusal> {
        let person = |product| Whom::Person {
            id: caller.id,
            product,
        };
        let whom = match scope {
            Scope::Template => return Ok(None),
            Scope::System => Whom::System,
            Scope::Personal => person(None),
            Scope::Product { id, .. } => person(Some(*id)),
        };
        let (policy, since) = (app.policy.clone(), Utc::now() - TimeDelta::days(DAYS));
        let events = app.store.newest_events(since, MOST, BYTES);
        let decided = app.with_directory(events, move |directory, newest| {
            Self::decided(directory, &policy, whom, newest)
        });
        decided.await.map(Some)
    }

    fn decided(
        directory: &Directory,
        policy: &Policy,
        whom: Whom,
        NewestEvents { events, all }: NewestEvents,
    ) -> Self {
        let mut preview = Self::default();
        if !all {
            let oldest = events.last().map(|event| event.decided_at);
            preview.cut_at = Some(oldest.unwrap_or_else(Utc::now));
        }
        for text in events {
            match Event::parse(text.body.as_bytes()) {
                Ok(event) => preview.decide(directory, policy, whom, &event, text),
                Err(_) => preview.unreadable += 1,
            }
        }
        preview
    }

    fn decide(
        &mut self,
        directory: &Directory,
        policy: &Policy,
        whom: Whom,
        event: &Event,
        text: EventText,
    ) {
        let facts = Facts::from(event);
        let explainer = Explainer::new(directory, policy, facts);
        let (user, explanation) = match whom {
            Whom::System => (None, explainer.system()),
            Whom::Person {
                product: Some(product),
                ..
            } if facts.product != Some(product) => return,
            Whom::Person { id, .. } => match directory.user(id) {
                Some(user) => (Some(id), explainer.user(user)),
                None => return,
            },
        };
        let mut counts = Counts::default();
        for channel in explanation.channels.iter().filter(|it| it.told) {
            let place = channel.channel as usize;
            match channel.channel {
                // An alert of the system belongs to nobody, and nobody sees it.
                Channel::Alert => counts[place] = u32::from(user.is_some()),
                other => {
                    let mut places = directory.destinations(user, other);
                    let is_there = places.any(|it| !it.switched_off);
                    counts[place] = u32::from(is_there);
                    self.nowhere[place] += u32::from(!is_there);
                }
            }
        }
        if counts != Counts::default() {
            self.add(event.name.as_str(), &counts, text);
        }
    }

    /// The newest event of a name comes first.
    fn add(&mut self, name: &str, counts: &Counts, text: EventText) {
        let told = self.events.entry(name.to_owned()).or_insert_with(|| Told {
            counts: Counts::default(),
            newest: (text.source, text.id, text.decided_at),
        });
        for (place, count) in counts.iter().enumerate() {
            told.counts[place] += count;
            self.total[place] += count;
        }
    }
}
