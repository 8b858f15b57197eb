//! One event's whole story: what was decided, and what became of it.

use axum::Router;

use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
}
