//! Webhook endpoints: one's own, or all of them.

use axum::Router;

use crate::app::App;

/// Where the page is.
pub(super) const PATH: &str = "/webhooks";

pub(super) fn router() -> Router<App> {
    Router::new()
}
