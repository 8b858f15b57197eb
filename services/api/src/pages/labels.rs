//! Names for what the ledger knows by its ids.

use std::collections::{BTreeMap, BTreeSet};

use proto_events::ids;
use uuid::Uuid;

use super::outcome::plain;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::deliveries::Delivery;

/// Names of people and places, and titles of events, as a page may show them.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    people: BTreeMap<i64, String>,
    places: BTreeMap<i64, String>,
    titles: BTreeMap<(String, String), String>,
}

impl Labels {
    /// What is needed to tell somebody of deliveries. Who is no superuser may have been told less
    /// than the event says: their titles are those of their own alerts.
    pub(super) async fn of(
        app: &App,
        caller: &Caller,
        deliveries: &[Delivery],
    ) -> Result<Self, Refusal> {
        let people: BTreeSet<i64> = deliveries.iter().filter_map(|it| it.recipient).collect();
        let places: BTreeSet<i64> = deliveries.iter().filter_map(|it| it.destination).collect();
        let mut labels = Self::named(app, people, places).await?;
        let key = |it: &Delivery| (it.event_source.clone(), it.event_id.clone());
        let events: BTreeSet<(String, String)> = deliveries.iter().map(key).collect();
        let events: Vec<_> = events.into_iter().collect();
        labels.titles = shown(if caller.superuser {
            app.store.event_titles(&events).await?
        } else {
            told(app, caller.id, events).await?
        });
        Ok(labels)
    }

    /// Names of these people and places.
    pub(super) async fn named(
        app: &App,
        people: BTreeSet<i64>,
        places: BTreeSet<i64>,
    ) -> Result<Self, Refusal> {
        let (people, places): (Vec<_>, Vec<_>) =
            (people.into_iter().collect(), places.into_iter().collect());
        Ok(Self {
            people: shown(app.store.usernames(&people).await?),
            places: shown(app.store.destination_names(&places).await?),
            titles: BTreeMap::new(),
        })
    }

    /// A person's name; of one who is not known any more, the id.
    pub(super) fn person(&self, id: i64) -> String {
        let name = self.people.get(&id).cloned();
        name.unwrap_or_else(|| format!("user {id}"))
    }

    /// What people call a place, if it has a name.
    pub(super) fn place(&self, id: i64) -> Option<&str> {
        self.places.get(&id).map(String::as_str)
    }

    /// An event's title.
    pub(super) fn title(&self, source: &str, id: &str) -> Option<&str> {
        let key = (source.to_owned(), id.to_owned());
        self.titles.get(&key).map(String::as_str)
    }
}

/// What people call things, with what turns other text written out.
fn shown<K: Ord>(names: BTreeMap<K, String>) -> BTreeMap<K, String> {
    let names = names.into_iter();
    names.map(|(key, name)| (key, plain(&name))).collect()
}

/// The titles of a person's alerts of these events.
async fn told(
    app: &App,
    person: i64,
    events: Vec<(String, String)>,
) -> Result<BTreeMap<(String, String), String>, Refusal> {
    let of_alert = |(source, id): (String, String)| {
        let alert = ids::alert(&source, &id, Some(person));
        (alert, (source, id))
    };
    let mut events: BTreeMap<Uuid, (String, String)> = events.into_iter().map(of_alert).collect();
    let alerts: Vec<Uuid> = events.keys().copied().collect();
    let alerts = app.store.event_alerts(&alerts).await?;
    let titled = alerts.into_iter().filter(|alert| !alert.title.is_empty());
    Ok(titled
        .filter_map(|alert| Some((events.remove(&alert.id)?, alert.title)))
        .collect())
}
