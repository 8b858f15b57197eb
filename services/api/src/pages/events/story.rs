//! All that is known of an event, as far as somebody may know it: superusers all of it, others
//! what was addressed to them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use proto_events::{Channel, JobId, ids};
use serde_json::Value;
use store::browse::{DeliveryFilter, EventAlert, EventFilter, ListedDelivery, ListedEvent, Tally};
use store::{Kind, LetterFilter, Window};
use uuid::Uuid;

use super::waiting::Waiting;
use crate::access::Caller;
use crate::app::App;
use crate::pages::labels::Labels;
use crate::pages::outcome::event_words;
use crate::refusal::Refusal;
use crate::rest::dead_letters::Letter;
use crate::rest::query::{List, Query};

/// How many events of one id, of several sources, are told of.
const SOURCES: u32 = 10;

/// How many attempts of a page's jobs are told of.
const ATTEMPTS: u32 = 1000;

/// How many dead letters are told of; the page of dead letters has them all.
const LETTERS: u32 = 50;

/// What is known of an event.
pub(super) struct Story {
    pub(super) source: String,
    pub(super) id: String,
    pub(super) name: String,
    /// What whoever looks was told.
    pub(super) title: Option<String>,
    /// None: it was never decided, or is forgotten.
    pub(super) event: Option<ListedEvent>,
    /// When its publisher says that it happened.
    pub(super) published: Option<DateTime<Utc>>,
    /// Whether all of it is told.
    pub(super) is_whole: bool,
    /// Other sources that used the same id.
    pub(super) others: Vec<String>,
    /// A page of its jobs, the newest first.
    pub(super) jobs: List<JobStory>,
    /// All of its jobs, counted.
    pub(super) tallies: Vec<Tally>,
    pub(super) waiting: Waiting,
    pub(super) alerts: Vec<EventAlert>,
    /// The first of its dead letters, and how many there are.
    pub(super) letters: (Vec<Letter>, i64),
    pub(super) labels: Labels,
}

/// A job with its attempts, the first one first.
pub(super) struct JobStory {
    pub(super) last: ListedDelivery,
    pub(super) attempts: Vec<ListedDelivery>,
}

impl From<ListedDelivery> for JobStory {
    fn from(last: ListedDelivery) -> Self {
        Self {
            last,
            attempts: Vec::new(),
        }
    }
}

/// An event that may be the one that is asked for.
struct Candidate {
    source: String,
    id: String,
    event: Option<ListedEvent>,
}

impl Story {
    /// Reads the story of the newest event of an id, or of that of a source.
    pub(super) async fn read(
        app: &App,
        caller: &Caller,
        id: &str,
        query: &Query,
    ) -> Result<Self, Refusal> {
        let source: Option<String> = query.get("source")?;
        let candidates = candidates(app, caller, id, source).await?;
        let sources: Vec<String> = candidates.iter().map(|it| it.source.clone()).collect();
        for candidate in candidates {
            let mut story = Self::of(app, caller, candidate, query).await?;
            if caller.superuser {
                let others = sources.into_iter().filter(|source| *source != story.source);
                story.others = others.collect();
                return Ok(story);
            }
            if story.is_about_reader() {
                return Ok(story);
            }
        }
        Err(Refusal::NotFound("event"))
    }

    async fn of(
        app: &App,
        caller: &Caller,
        candidate: Candidate,
        query: &Query,
    ) -> Result<Self, Refusal> {
        let Candidate { source, id, event } = candidate;
        let filter = DeliveryFilter {
            event_source: Some(source.clone()),
            event_id: Some(id.clone()),
            last: true,
            of: caller.own(),
            ..DeliveryFilter::default()
        };
        let jobs = jobs(app, &filter, query).await?;
        let known: Vec<JobId> = jobs.results.iter().map(|job| job.last.job).collect();
        let told = Told::new(event.as_ref(), caller);
        let users = told.users(app, caller).await?;
        let waiting = Waiting::read(app, (&source, &id), &users, told.system(), &known).await?;
        let alerts: Vec<Uuid> = told.alerts(&source, &id, &users);
        let alerts = app.store.event_alerts(&alerts).await?;
        let letters = match caller.superuser {
            true => letters(app, &source, &id).await?,
            false => (Vec::new(), 0),
        };
        let labels = labels(app, &jobs.results, &waiting, &alerts).await?;
        let body = event.as_ref().and_then(|event| parsed(&event.body));
        let own = alerts.first().map(|alert| alert.title.clone());
        let title = match (caller.superuser, own) {
            (false, Some(title)) => Some(title),
            (false, None) if told.is_redacted(&caller.username) => None,
            _ => body
                .as_ref()
                .and_then(|body| Some(body["data"]["title"].as_str()?.to_owned())),
        };
        let published = body.and_then(|body| body["time"].as_str()?.parse().ok());
        let first = jobs.results.first();
        let name = match (&event, first) {
            (Some(event), _) => event.name.clone(),
            (None, Some(job)) => job.last.event_name.clone(),
            (None, None) => String::new(),
        };
        Ok(Self {
            name,
            title: title.filter(|title| !title.is_empty()),
            published,
            is_whole: caller.superuser,
            others: Vec::new(),
            tallies: app.store.delivery_tallies(&filter).await?,
            source,
            id,
            event,
            jobs,
            waiting,
            alerts,
            letters,
            labels,
        })
    }

    /// What the page is called.
    pub(super) fn heading(&self) -> &str {
        let name = if self.name.is_empty() {
            &self.id
        } else {
            event_words(&self.name)
        };
        self.title.as_deref().unwrap_or(name)
    }

    /// Whether something of it was addressed to whoever looks.
    fn is_about_reader(&self) -> bool {
        self.jobs.count > 0 || !self.alerts.is_empty() || !self.waiting.is_empty()
    }
}

/// Events of an id. Of one that has no row, since it was never decided or is forgotten, attempts
/// and dead letters may still tell.
async fn candidates(
    app: &App,
    caller: &Caller,
    id: &str,
    source: Option<String>,
) -> Result<Vec<Candidate>, Refusal> {
    let filter = EventFilter {
        id: Some(id.to_owned()),
        source: source.clone(),
        ..EventFilter::default()
    };
    let window = Window {
        limit: SOURCES,
        offset: 0,
    };
    let events = app.store.events_page(&filter, window).await?.rows;
    if !events.is_empty() {
        let candidate = |event: ListedEvent| Candidate {
            source: event.source.clone(),
            id: event.id.clone(),
            event: Some(event),
        };
        return Ok(events.into_iter().map(candidate).collect());
    }
    let filter = DeliveryFilter {
        event_id: Some(id.to_owned()),
        event_source: source.clone(),
        of: caller.own(),
        ..DeliveryFilter::default()
    };
    let attempt = app
        .store
        .deliveries_page(&filter, Window::ONE)
        .await?
        .first();
    let mut found = attempt.map(|attempt| (attempt.event_source, attempt.event_id));
    if found.is_none() && caller.superuser {
        let filter = letters_of(id);
        let letters = app.store.letters_page(&filter, window).await?.rows;
        let events = letters.into_iter().filter_map(|letter| letter.event);
        found = events
            .filter(|(from, _)| source.as_ref().is_none_or(|source| source == from))
            .next();
    }
    let candidate = |(source, id)| Candidate {
        source,
        id,
        event: None,
    };
    Ok(found.into_iter().map(candidate).collect())
}

/// A page of jobs, each with its attempts.
async fn jobs(
    app: &App,
    filter: &DeliveryFilter,
    query: &Query,
) -> Result<List<JobStory>, Refusal> {
    let window = query.window()?;
    let page = app.store.deliveries_page(filter, window).await?;
    let mut list: List<JobStory> = query.list(window, page);
    let attempts = DeliveryFilter {
        jobs: Some(list.results.iter().map(|job| job.last.job).collect()),
        last: false,
        ..filter.clone()
    };
    let all = Window {
        limit: ATTEMPTS,
        offset: 0,
    };
    let attempts = app.store.deliveries_page(&attempts, all).await?;
    for attempt in attempts.rows.into_iter().rev() {
        let mut jobs = list.results.iter_mut();
        if let Some(job) = jobs.find(|job| job.last.job == attempt.job) {
            job.attempts.push(attempt);
        }
    }
    Ok(list)
}

fn letters_of(event: &str) -> LetterFilter {
    LetterFilter {
        kind: Kind::Any,
        event: Some(event.to_owned()),
        ..LetterFilter::default()
    }
}

async fn letters(app: &App, source: &str, id: &str) -> Result<(Vec<Letter>, i64), Refusal> {
    let window = Window {
        limit: LETTERS,
        offset: 0,
    };
    let page = app.store.letters_page(&letters_of(id), window).await?;
    let letters = page.rows.into_iter().map(Letter::from);
    let here = letters.filter(|letter| letter.event_source.as_deref() == Some(source));
    Ok((here.collect(), page.count))
}

async fn labels(
    app: &App,
    jobs: &[JobStory],
    waiting: &Waiting,
    alerts: &[EventAlert],
) -> Result<Labels, Refusal> {
    let (mut people, mut places) = waiting.subjects();
    people.extend(jobs.iter().filter_map(|job| job.last.recipient));
    people.extend(alerts.iter().filter_map(|alert| alert.user));
    places.extend(jobs.iter().filter_map(|job| job.last.destination));
    Labels::named(app, people, places).await
}

fn parsed(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok()
}

/// Who was told, by the decision, as far as whoever looks may know.
struct Told<'e> {
    decision: Option<&'e ListedEvent>,
    is_whole: bool,
}

impl<'e> Told<'e> {
    const fn new(decision: Option<&'e ListedEvent>, caller: &Caller) -> Self {
        Self {
            decision,
            is_whole: caller.superuser,
        }
    }

    /// The decision's names over some channels, none being the system.
    fn names(&self, meant: impl Fn(&str) -> bool) -> impl Iterator<Item = Option<&'e str>> {
        let decisions = self.decision.and_then(|it| it.decisions.as_object());
        let lists = decisions.into_iter().flatten();
        let lists = lists.filter(move |(channel, _)| meant(channel));
        let names = lists.filter_map(|(_, list)| list.as_array()).flatten();
        names.map(Value::as_str)
    }

    async fn users(&self, app: &App, caller: &Caller) -> Result<Vec<i64>, Refusal> {
        if !self.is_whole {
            return Ok(vec![caller.id]);
        }
        let names: BTreeSet<&str> = self.names(|_| true).flatten().collect();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        Ok(app.store.user_ids(&names).await?.into_values().collect())
    }

    /// Whether the system itself is told, by a message.
    fn system(&self) -> bool {
        let is_message = |channel: &str| channel != Channel::Alert.as_str();
        self.is_whole && self.names(is_message).any(|name| name.is_none())
    }

    /// The ids of the alerts that there may be.
    fn alerts(&self, source: &str, id: &str, users: &[i64]) -> Vec<Uuid> {
        let system = self.is_whole.then_some(None);
        let users = users.iter().copied().map(Some).chain(system);
        users.map(|user| ids::alert(source, id, user)).collect()
    }

    fn is_redacted(&self, username: &str) -> bool {
        let redacted = self.decision.and_then(|it| it.notes["redacted"].as_array());
        redacted.is_some_and(|names| names.iter().any(|name| name == username))
    }
}
