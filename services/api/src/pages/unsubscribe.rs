//! The way out of mails with one click, without a login (RFC 8058).

use axum::Router;

use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
}
