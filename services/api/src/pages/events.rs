//! One event's whole story: what was decided, and what became of it.
//!
//! | module | what it is for |
//! |---|---|
//! | `story` | all that is known, as far as somebody may know it |
//! | `candidate` | which event is meant by an id |
//! | `told` | who was told, by the decision |
//! | `waiting` | the part of it that has not been sent |
//! | `show` | what was decided, as a page |
//! | `jobs` | what was sent and what waits, as a page |
//! | `timeline` | when, as a picture |
//! | `letters` | what was given up, as a page |
//! | `reasons` | why it reaches whom it reaches |

mod candidate;
mod jobs;
mod letters;
mod reasons;
mod show;
mod story;
mod timeline;
mod told;
mod waiting;

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use super::Answer;
use super::component::quoted;
use super::layout::Section;
use super::outcome::plain;
use super::visitor::Visitor;
use crate::app::App;
use crate::rest::path::Id;
use crate::rest::query::Query;
pub(super) use show::pretty;
use story::Story;

/// Where an event's story is.
const ONE: &str = "/events/{id}";

/// Where it says why.
const WHY: &str = "/events/{id}/why";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(ONE, get(look))
        .route(WHY, get(reasons::look))
}

/// The address of an event's story.
pub(super) fn address(source: &str, id: &str) -> String {
    at("", source, id)
}

fn at(part: &str, source: &str, id: &str) -> String {
    let [source, id] = [source, id].map(quoted);
    format!("/events/{id}{part}?source={source}")
}

async fn look(
    State(app): State<App>,
    visitor: Visitor,
    Id(id): Id<String>,
    query: Query,
) -> Answer {
    let story = Story::read(&app, &visitor.caller, &id, &query).await?;
    let title = format!("Event: {}", plain(story.heading()));
    Ok(visitor.page(Section::Deliveries, &title, &show::page(&story)))
}
