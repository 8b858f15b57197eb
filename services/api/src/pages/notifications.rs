//! Which events reach whom through which channels.

use axum::Router;

use crate::app::App;

/// Where the page is.
pub(super) const PATH: &str = "/notifications";

pub(super) fn router() -> Router<App> {
    Router::new()
}
