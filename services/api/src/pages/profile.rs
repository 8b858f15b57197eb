//! Who one is here, and one's tokens.

use axum::Router;

use crate::app::App;

/// Where the page is.
pub(super) const PATH: &str = "/profile";

pub(super) fn router() -> Router<App> {
    Router::new()
}
