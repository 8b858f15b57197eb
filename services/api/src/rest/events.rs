//! Events: publishing them, and what was decided of each. For superusers, since an event reaches
//! everybody, and a decision names them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chassis::broker::Outgoing;
use chrono::{DateTime, TimeDelta, Utc};
use proto_events::Event;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use store::Window;
use store::browse::{EventFilter, ListedEvent};

use super::content::Content;
use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::Superuser;
use crate::app::App;
use crate::refusal::{Errors, Refusal};

const LIST: &str = "/events/";

/// How many events one request publishes.
const BATCH: usize = 1000;

/// How far back is looked where a request does not say.
pub(crate) const RECENT: TimeDelta = TimeDelta::days(1);

/// An event that was decided.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DecidedEvent {
    /// The system that published it.
    source: String,
    /// Its id within the source.
    id: String,
    /// Its bare name.
    name: String,
    received_at: DateTime<Utc>,
    decided_at: DateTime<Utc>,
    /// How many jobs were made.
    jobs: i32,
    /// Usernames by channel, once for each delivery; null is the system.
    decisions: Value,
    /// What else is worth knowing, such as recipients without an address.
    notes: Value,
    /// Named recipients that nobody has.
    unknown_recipients: Vec<String>,
    /// The directory that it was decided with.
    directory_version: i64,
    /// The directory did not know what the event is about.
    directory_behind: bool,
    /// The event as it came.
    event: Value,
}

/// What was published.
#[derive(Serialize, JsonSchema)]
struct Taken {
    /// The ids of the events, in the order in which they came.
    ids: Vec<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            LIST,
            "Publish an event (CloudEvents JSON), or a list of up to 1000; confirmed by the broker",
            publish,
        )
        .takes::<Event>()
        .gives::<Taken>()
        .with(StatusCode::ACCEPTED),
        Route::get(LIST, "Events that were decided, the newest first", list)
            .filters(&PAGING)
            .filters(&[
                ("source", "Events of this source."),
                ("id", "The event of this id."),
                ("name", "Events of this name."),
                (
                    "since",
                    "Decided then or later; without it and without an id, the last 24 hours.",
                ),
                ("until", "Decided before."),
            ])
            .gives::<List<DecidedEvent>>(),
        Route::get("/events/{id}/", "The newest event of an id", read)
            .filters(&[("source", "Of this source.")])
            .gives::<DecidedEvent>(),
    ]
}

async fn publish(
    State(app): State<App>,
    _: Superuser,
    Content(body): Content,
) -> Result<(StatusCode, Json<Taken>), Refusal> {
    let events = read_events(&body)?;
    let now = Utc::now();
    let messages: Vec<Outgoing> = events
        .iter()
        .map(|(event, body)| Outgoing::event(app.names(), event, body.as_bytes().to_vec(), now))
        .collect();
    app.publish(&messages).await?;
    let ids = events.into_iter().map(|(event, _)| event.id).collect();
    Ok((StatusCode::ACCEPTED, Json(Taken { ids })))
}

/// The events of a body: one, or a list. If one of them is none, nothing is published.
fn read_events(body: &[u8]) -> Result<Vec<(Event, String)>, Refusal> {
    let malformed = |error: serde_json::Error| Refusal::Malformed(error.to_string());
    let whole: &RawValue = serde_json::from_slice(body).map_err(malformed)?;
    let is_list = whole.get().starts_with('[');
    let texts: Vec<&RawValue> = if is_list {
        serde_json::from_str(whole.get()).map_err(malformed)?
    } else {
        vec![whole]
    };
    if texts.is_empty() || texts.len() > BATCH {
        return Err(Refusal::general(format!("Send 1 to {BATCH} events.")));
    }
    let mut errors = Errors::default();
    let mut events = Vec::with_capacity(texts.len());
    for (place, text) in texts.into_iter().enumerate() {
        match Event::parse(text.get().as_bytes()) {
            Ok(event) => events.push((event, text.get().to_owned())),
            Err(problem) if is_list => errors.add(&place.to_string(), problem.to_string()),
            Err(problem) => errors.add_general(problem.to_string()),
        }
    }
    errors.none()?;
    Ok(events)
}

async fn list(
    State(app): State<App>,
    _: Superuser,
    query: Query,
) -> Result<Json<List<DecidedEvent>>, Refusal> {
    let window = query.window()?;
    let mut filter = EventFilter {
        source: query.get("source")?,
        id: query.get("id")?,
        name: query.get("name")?,
        since: query.get("since")?,
        until: query.get("until")?,
    };
    if filter.since.is_none() && filter.id.is_none() {
        filter.since = Some(filter.until.unwrap_or_else(Utc::now) - RECENT);
    }
    let page = app.store.events_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
}

async fn read(
    State(app): State<App>,
    _: Superuser,
    Id(id): Id<String>,
    query: Query,
) -> Result<Json<DecidedEvent>, Refusal> {
    let filter = EventFilter {
        id: Some(id),
        source: query.get("source")?,
        ..EventFilter::default()
    };
    let event = app.store.events_page(&filter, Window::ONE).await?.first();
    let event = event.ok_or(Refusal::NotFound("event"))?;
    Ok(Json(event.into()))
}

impl From<ListedEvent> for DecidedEvent {
    fn from(event: ListedEvent) -> Self {
        Self {
            source: event.source,
            id: event.id,
            name: event.name,
            received_at: event.received_at,
            decided_at: event.decided_at,
            jobs: event.jobs,
            decisions: event.decisions,
            notes: event.notes,
            unknown_recipients: event.unknown_recipients,
            directory_version: event.directory_version,
            directory_behind: event.directory_behind,
            // What cannot be shown as JSON is shown as text.
            event: serde_json::from_str(&event.body).unwrap_or(Value::String(event.body)),
        }
    }
}
