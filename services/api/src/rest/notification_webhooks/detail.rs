//! How an endpoint came to stand where it stands, and what became of its jobs.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use store::WebhookTransition;
use store::browse::{Backlog, ListedDelivery};

use super::{Webhook, found};
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::path::Id;
use crate::rest::query::List;
use crate::rest::route::Route;

/// How many attempts are shown beside an endpoint.
const ATTEMPTS: u32 = 20;

/// A step from state to state.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Step {
    /// When it was made.
    pub(crate) at: DateTime<Utc>,
    /// The status before.
    pub(crate) from: String,
    /// The status after.
    pub(crate) to: String,
    /// What was noted.
    pub(crate) note: Option<String>,
}

/// All that is known of an endpoint.
pub(crate) struct Detail {
    pub(crate) webhook: Webhook,
    /// The newest first.
    pub(crate) steps: Vec<Step>,
    /// The newest first.
    pub(crate) attempts: Vec<ListedDelivery>,
    pub(crate) backlog: Backlog,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/notification_webhooks/{id}/history/",
            "The endpoint's steps from status to status, the newest first: the last hundred",
            history,
        )
        .gives::<List<Step>>(),
    ]
}

async fn history(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<List<Step>>, Refusal> {
    found(&app, &caller, id).await?;
    let results = steps(&app, id).await?;
    Ok(Json(List {
        count: i64::try_from(results.len()).unwrap_or(i64::MAX),
        next: None,
        previous: None,
        results,
    }))
}

/// An endpoint with its last steps and attempts.
pub(crate) async fn read(app: &App, caller: &Caller, id: i64) -> Result<Detail, Refusal> {
    let webhook = found(app, caller, id).await?;
    Ok(Detail {
        steps: steps(app, id).await?,
        attempts: app
            .store
            .endpoint_log(webhook.destination, caller.own(), ATTEMPTS)
            .await?,
        backlog: app
            .store
            .endpoint_backlog(webhook.destination, caller.own())
            .await?,
        webhook,
    })
}

async fn steps(app: &App, id: i64) -> Result<Vec<Step>, Refusal> {
    let steps = app.store.webhook_history(id).await?;
    Ok(steps.into_iter().map(Step::from).collect())
}

impl From<WebhookTransition> for Step {
    fn from(step: WebhookTransition) -> Self {
        Self {
            at: step.at,
            from: step.from.as_str().to_owned(),
            to: step.to.as_str().to_owned(),
            note: step.note,
        }
    }
}
