//! What was given up, and sending it again.

use axum::Router;

use crate::app::App;

/// Where the page is.
pub(super) const PATH: &str = "/dead-letters";

pub(super) fn router() -> Router<App> {
    Router::new()
}
