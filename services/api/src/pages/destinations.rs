//! Destinations with a filter.

use axum::Router;

use crate::app::App;

/// Where the page is.
pub(super) const PATH: &str = "/destinations";

pub(super) fn router() -> Router<App> {
    Router::new()
}
