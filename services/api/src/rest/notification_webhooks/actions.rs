//! What is done with an endpoint: trying it, and switching it on and off.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use store::Endpoint;

use super::{NAME, Webhook, found};
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::path::Id;
use crate::rest::route::Route;

/// What a ping came to.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Pinged {
    /// The status of the endpoint's answer.
    pub(crate) status: u16,
    /// Where it points instead, if it redirects: redirects are not followed.
    pub(crate) redirect: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/notification_webhooks/{id}/ping/",
            "Send a ping, whatever the endpoint's status; 400 if it does not answer well",
            ping,
        )
        .gives::<Pinged>(),
        Route::post(
            "/notification_webhooks/{id}/activate/",
            "Ping, and activate if it answers well: errors and note are forgotten",
            activate,
        )
        .gives::<Webhook>(),
        Route::post(
            "/notification_webhooks/{id}/deactivate/",
            "Switch off: no jobs are made for it until it is activated",
            deactivate,
        )
        .gives::<Webhook>(),
    ]
}

pub(crate) async fn ping(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Pinged>, Refusal> {
    found(&app, &caller, id).await?;
    Ok(Json(tried(&app, id).await?))
}

pub(crate) async fn activate(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Webhook>, Refusal> {
    found(&app, &caller, id).await?;
    tried(&app, id).await?;
    app.store.activate_webhook(id).await?;
    Ok(Json(found(&app, &caller, id).await?))
}

pub(crate) async fn deactivate(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Webhook>, Refusal> {
    found(&app, &caller, id).await?;
    app.store.switch_off_webhook(id).await?;
    Ok(Json(found(&app, &caller, id).await?))
}

async fn tried(app: &App, id: i64) -> Result<Pinged, Refusal> {
    let endpoint = app.store.webhook_endpoint(id).await?;
    try_out(app, &endpoint.ok_or(Refusal::NotFound(NAME))?).await
}

/// Pings an endpoint, whether it is stored or not.
pub(super) async fn try_out(app: &App, endpoint: &Endpoint) -> Result<Pinged, Refusal> {
    let settings = app.store.delivery_settings().await?.settings;
    match app.endpoints.ping(endpoint, &settings).await {
        Ok(pinged) => Ok(Pinged {
            status: pinged.status,
            redirect: pinged.redirect,
        }),
        Err(error) => Err(Refusal::general(format!(
            "The ping was not successful: {error}."
        ))),
    }
}
