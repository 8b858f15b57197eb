//! The words of messages.

use axum::Router;

use crate::app::App;

/// Where the page is.
pub(super) const PATH: &str = "/templates";

pub(super) fn router() -> Router<App> {
    Router::new()
}
