//! What holds for everybody.

use axum::Router;

use crate::app::App;

/// Where the page is.
pub(super) const PATH: &str = "/system-settings";

pub(super) fn router() -> Router<App> {
    Router::new()
}
