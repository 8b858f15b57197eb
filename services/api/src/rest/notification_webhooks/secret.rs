//! What requests to an endpoint are signed with. A secret is shown to whoever makes it, and to
//! nobody afterwards.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use delivery::endpoint::signature::SigningKey;
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Webhook, found};
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::content::Fields;
use crate::rest::form::overlay;
use crate::rest::path::Id;
use crate::rest::route::Route;

/// How long the secret before may sign (seconds): long enough for every receiver, and not for good.
const LONGEST: u32 = 30 * 24 * 60 * 60;

/// A new secret.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Made {
    /// `whsec_…`; it is not shown again.
    pub(crate) secret: String,
    /// The endpoint.
    pub(crate) webhook: Webhook,
}

/// How a secret takes another's place.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Rotation {
    /// How long the secret before signs too (seconds); at most 30 days.
    overlap: u32,
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            overlap: 24 * 60 * 60,
        }
    }
}

pub(super) fn routes() -> Vec<Route> {
    const SECRET: &str = "/notification_webhooks/{id}/secret/";
    vec![
        Route::post(
            SECRET,
            "Make the first secret: requests are signed from now on; 409 if there is one",
            make,
        )
        .gives::<Made>()
        .with(StatusCode::CREATED),
        Route::post(
            "/notification_webhooks/{id}/secret/rotate/",
            "Make another secret; the one before signs beside it for a while; 409 if there is none",
            rotate,
        )
        .takes::<Rotation>()
        .gives::<Made>()
        .with(StatusCode::CREATED),
        Route::delete(
            "/notification_webhooks/{id}/secret/previous/",
            "End the secret before: it signs no more; 409 if none does",
            end_previous,
        ),
        Route::delete(
            SECRET,
            "Sign no more: all secrets are forgotten; 409 if there is none",
            remove,
        ),
    ]
}

pub(crate) async fn make(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    found(&app, &caller, id).await?;
    let secret = new_secret()?;
    if !app.store.add_webhook_secret(id, &secret).await? {
        return Err(conflict(
            "This endpoint has a secret already; a rotation replaces it.",
        ));
    }
    made(&app, &caller, id, &secret).await
}

pub(crate) async fn rotate(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    found(&app, &caller, id).await?;
    let Rotation { overlap } = overlay(&Rotation::default(), fields, &[])?;
    if overlap > LONGEST {
        return Err(Refusal::field(
            "overlap",
            format!("Ensure this value is less than or equal to {LONGEST}."),
        ));
    }
    let secret = new_secret()?;
    let overlap = Duration::from_secs(overlap.into());
    let rotated = app.store.rotate_webhook_secret(id, &secret, overlap);
    if !rotated.await? {
        return Err(none());
    }
    made(&app, &caller, id, &secret).await
}

pub(crate) async fn end_previous(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    found(&app, &caller, id).await?;
    if app.store.end_previous_webhook_secret(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(conflict("No secret but the present one signs."))
    }
}

pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    found(&app, &caller, id).await?;
    if app.store.remove_webhook_secret(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(none())
    }
}

async fn made(
    app: &App,
    caller: &Caller,
    id: i64,
    secret: &SecretString,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    let made = Made {
        secret: secret.expose_secret().to_owned(),
        webhook: found(app, caller, id).await?,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

fn new_secret() -> Result<SecretString, Refusal> {
    let fault = || Refusal::Broken(anyhow::anyhow!("the system gives no random numbers"));
    SigningKey::new_secret().ok_or_else(fault)
}

fn none() -> Refusal {
    conflict("This endpoint has no secret.")
}

fn conflict(text: &str) -> Refusal {
    Refusal::Conflict(text.to_owned())
}
