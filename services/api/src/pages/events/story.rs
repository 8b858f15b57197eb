//! All that is known of an event, as far as somebody may know it: superusers all of it, others
//! what was addressed to them.

use chrono::{DateTime, Utc};
use proto_events::JobId;
use serde_json::Value;
use store::Window;
use store::browse::{DeliveryFilter, EventAlert, ListedDelivery, ListedEvent, Tally};
use uuid::Uuid;

use super::candidate::{Candidate, candidates, letters_of};
use super::told::Told;
use super::waiting::Waiting;
use crate::access::Caller;
use crate::app::App;
use crate::pages::labels::Labels;
use crate::pages::outcome::event_words;
use crate::refusal::Refusal;
use crate::rest::dead_letters::Letter;
use crate::rest::query::{List, Query};

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

async fn letters(app: &App, source: &str, id: &str) -> Result<(Vec<Letter>, i64), Refusal> {
    let window = Window {
        limit: LETTERS,
        offset: 0,
    };
    let filter = letters_of(id, Some(source.to_owned()));
    let page = app.store.letters_page(&filter, window).await?;
    let letters = page.rows.into_iter().map(Letter::from);
    Ok((letters.collect(), page.count))
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
