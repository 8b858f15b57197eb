//! Pages for people. Each is a view of resources in [`crate::rest`]: it reads and writes through the
//! functions that answer programs, so that both may and may not do the same.
//!
//! | module | what it is for |
//! |---|---|
//! | `visitor` | who looks at a page |
//! | `layout` | what all pages have: head, menu, bell |
//! | `bell` | the bell, and what it is told |
//! | `component` | what several pages have: fields, pagers, questions |
//! | `form` | from what a browser sends to the fields of a resource |
//! | `outcome` | what became of a delivery, in words |
//! | `labels` | names for what the ledger knows by its ids |
//! | `said` | a sentence for the next page |
//! | `sent` | what became of a test message |
//! | `trouble` | every page that is a no |
//! | `assets` | style and scripts |
//! | `sign_in` | from a token to a session, and its end |
//! | others | one page each |

mod alerts;
mod assets;
mod bell;
mod component;
mod dead_letters;
mod deliveries;
mod destinations;
mod events;
mod form;
mod labels;
mod layout;
mod notifications;
mod outcome;
mod profile;
mod said;
mod sent;
pub(crate) mod sign_in;
mod system_settings;
mod templates;
mod trouble;
mod unsubscribe;
mod visitor;
mod webhooks;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::app::App;
use crate::refusal::Refusal;
use trouble::Trouble;

/// What a page answers.
type Answer = Result<Response, Trouble>;

/// A no, as a page.
pub(crate) fn refused(refusal: Refusal) -> Response {
    Trouble::from(refusal).into_response()
}

/// All pages.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route(
            "/",
            get(|State(_): State<App>| async { Redirect::to(alerts::PATH) }),
        )
        .merge(assets::router())
        .merge(sign_in::router())
        .merge(alerts::router())
        .merge(bell::router())
        .merge(notifications::router())
        .merge(unsubscribe::router())
        .merge(webhooks::router())
        .merge(deliveries::router())
        .merge(events::router())
        .merge(dead_letters::router())
        .merge(destinations::router())
        .merge(templates::router())
        .merge(system_settings::router())
        .merge(profile::router())
}
