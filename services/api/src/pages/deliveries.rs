//! What was delivered, and what became of each attempt.

use axum::Router;

use crate::app::App;

/// Where the page is.
pub(super) const PATH: &str = "/deliveries";

pub(super) fn router() -> Router<App> {
    Router::new()
}
