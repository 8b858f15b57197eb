//! The bell in every page's corner: how many alerts somebody has, and the newest of them.

mod newest;
mod stream;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::alerts;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;

/// Where the newest alerts are, as a part of a page.
const NEWEST: &str = "/alerts/newest";

/// Where a page is told how many there are, as long as it listens.
const STREAM: &str = "/alerts/stream";

/// Where their number is.
const COUNT: &str = "/alerts/count";

/// The outline of a bell.
const SHAPE: &str = "M12 22a2.5 2.5 0 0 0 2.4-2H9.6a2.5 2.5 0 0 0 2.4 2Zm7-6v-5a7 7 0 0 0-5.5-6.8v-.7a1.5 1.5 0 0 0-3 0v.7A7 7 0 0 0 5 11v5l-2 2v1h18v-1Z";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(NEWEST, get(newest::look))
        .route(STREAM, get(stream::listen))
        // DefectDojo's.
        .route(COUNT, get(count))
        .route("/alerts/count/text", get(count_as_text))
}

/// The bell. Without a script it is a link, and shows what was so when the page was made; with one
/// it opens the newest alerts below it.
pub(super) fn bell(count: i64, is_live: bool) -> Markup {
    html! {
        div.bell #bell data-newest=(NEWEST) data-count=(COUNT) data-stream=[is_live.then_some(STREAM)] {
            a href=(alerts::PATH) aria-label={ "Alerts: " (count) } {
                // Drawn, since not every system has a letter for it.
                svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" { path fill="currentColor" d=(SHAPE) {} }
                span.badge data-count=(count) { (count) }
            }
            div #newest role="region" aria-label="Newest alerts" tabindex="-1" hidden {}
            span.unseen role="status" {}
        }
    }
}

async fn count(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!({ "count": counted(&app, &caller).await? })))
}

async fn count_as_text(State(app): State<App>, caller: Caller) -> Result<String, Refusal> {
    Ok(counted(&app, &caller).await?.to_string())
}

/// Where the counter is switched off nothing is counted, and there are none.
async fn counted(app: &App, caller: &Caller) -> Result<i64, Refusal> {
    if app.config.disable_alert_counter {
        return Ok(0);
    }
    Ok(app.store.alerts_count(caller.id).await?)
}
