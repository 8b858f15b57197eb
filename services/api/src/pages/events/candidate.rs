//! Which event is meant by an id: of several sources, or one that is known by its traces alone.

use store::browse::{DeliveryFilter, EventFilter, ListedEvent};
use store::{Kind, LetterFilter, Window};

use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;

/// How many events of one id, of several sources, are told of.
const SOURCES: u32 = 10;

/// An event that may be the one that is asked for.
pub(super) struct Candidate {
    pub(super) source: String,
    pub(super) id: String,
    pub(super) event: Option<ListedEvent>,
}

/// Events of an id. Of one that has no row, since it was never decided or is forgotten, attempts
/// and dead letters may still tell.
pub(super) async fn candidates(
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
        let filter = letters_of(id, source);
        let letter = app.store.letters_page(&filter, Window::ONE).await?.first();
        found = letter.and_then(|letter| letter.event);
    }
    let candidate = |(source, id)| Candidate {
        source,
        id,
        event: None,
    };
    Ok(found.into_iter().map(candidate).collect())
}

/// Dead letters of events of an id, dealt with or not: of whatever source, or of one.
pub(super) fn letters_of(event: &str, source: Option<String>) -> LetterFilter {
    LetterFilter {
        kind: Kind::Any,
        event: Some(event.to_owned()),
        event_source: source,
        ..LetterFilter::default()
    }
}
