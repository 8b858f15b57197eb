//! Who looks at a page.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::said;
use super::trouble::Trouble;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;

/// Somebody who looks at a page, and what every page tells them. Whoever is not known is sent to
/// sign in, and from there to the page.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) caller: Caller,
    /// How many alerts they have; none where the counter is switched off.
    pub(super) alerts: Option<i64>,
    /// Whether the bell rises by itself.
    pub(super) is_live: bool,
    /// What came of what they did last.
    pub(super) said: Option<String>,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Trouble> {
        let caller = match Caller::from_request_parts(parts, app).await {
            Ok(caller) => caller,
            Err(Refusal::Unauthenticated(_)) => return Err(Trouble::sign_in(parts)),
            Err(refusal) => return Err(refusal.into()),
        };
        let alerts = if app.config.disable_alert_counter {
            None
        } else {
            Some(
                app.store
                    .alerts_count(caller.id)
                    .await
                    .map_err(Refusal::from)?,
            )
        };
        Ok(Self {
            alerts,
            is_live: app.config.has_live_bells(),
            said: said::shown(&parts.headers),
            caller,
        })
    }
}
