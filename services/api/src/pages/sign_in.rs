//! From a token to a session, and its end.

use std::time::Instant;

use axum::Router;
use axum::extract::{Extension, FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::TimeDelta;
use maud::html;
use secrecy::ExposeSecret;

use super::form::Form;
use super::outcome::plain;
use super::{Answer, layout};
use crate::access::proxy::Peer;
use crate::access::{Caller, cookie, origin, session};
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::query::Query;

/// Where people sign in. A token behind `#` is filled in by the page's script; browsers never
/// send that part, so it stands in no log.
pub(crate) const PATH: &str = "/sign-in";

/// Where they sign out.
pub(super) const OUT: &str = "/sign-out";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(ask).post(enter))
        .route(OUT, post(leave))
}

async fn ask(State(app): State<App>, mut parts: Parts, query: Query) -> Answer {
    let present = present(&app, &mut parts).await?;
    Ok(page(query.text("next"), None, present.as_deref()))
}

async fn enter(
    State(app): State<App>,
    Extension(Peer(address)): Extension<Peer>,
    mut parts: Parts,
    form: Form,
) -> Answer {
    origin::check(&parts)?;
    let next = form.text("next");
    let age = TimeDelta::seconds(app.config.session_cookie_age.into());
    let token = form.text("token").trim();
    let Some(session) = app.store.open_session(token, age).await? else {
        tracing::warn!(%address, "somebody could not sign in: the token is worth nothing");
        let is_to_wait = app.attempts.failed(address, Instant::now());
        let present = present(&app, &mut parts).await?;
        return Ok(not_in(next, is_to_wait, present.as_deref()));
    };
    let response = Redirect::to(within(next)).into_response();
    Ok(with_session(&app, response, session.expose_secret(), age))
}

/// As whom whoever asks is signed in already, if they are.
async fn present(app: &App, parts: &mut Parts) -> Result<Option<String>, Refusal> {
    match Caller::from_request_parts(parts, app).await {
        Ok(caller) => Ok(Some(caller.username)),
        Err(Refusal::Unauthenticated(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

async fn leave(State(app): State<App>, parts: Parts) -> Answer {
    origin::check(&parts)?;
    if let Some(session) = session(&parts.headers) {
        app.store.close_session(session).await?;
    }
    let response = Redirect::to(PATH).into_response();
    Ok(with_session(&app, response, "", TimeDelta::zero()))
}

fn with_session(app: &App, mut response: Response, session: &str, age: TimeDelta) -> Response {
    let cookie = cookie::set(cookie::SESSION, session, age, app.config.is_secure());
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Where to go after signing in: a page of ours, whatever a link to here says.
pub(super) fn within(next: &str) -> &str {
    let is_ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\t', '\r', '\n']);
    if is_ours { next } else { "/" }
}

/// The answer to a token that is worth nothing.
fn not_in(next: &str, is_to_wait: bool, present: Option<&str>) -> Response {
    if is_to_wait {
        let complaint = "Too many wrong tokens came from your address. Wait a minute.";
        let page = page(next, Some(complaint), present);
        (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "60")], page).into_response()
    } else {
        let complaint = "That token is not known, or was revoked.";
        let page = page(next, Some(complaint), present);
        (StatusCode::FORBIDDEN, page).into_response()
    }
}

/// The form. Its script sends what a link brings only where nobody is signed in: else somebody else's link
/// would make one act, unseen, as somebody else.
fn page(next: &str, complaint: Option<&str>, present: Option<&str>) -> Response {
    let content = html! {
        h1 { "Sign in" }
        form.card.sign-in method="post" action=(PATH) data-signed-in[present.is_some()] {
            @if let Some(username) = present {
                p { "You are signed in as " strong { (plain(username)) } "; this signs you in with another token." }
            }
            input type="hidden" name="next" value=(next);
            label for="token" { "Your token" }
            input #token name="token" type="password" autocomplete="current-password" required autofocus
                aria-invalid=[complaint.map(|_| "true")] aria-describedby="token-error token-help";
            div #token-error { @if let Some(complaint) = complaint { p.error role="alert" { (complaint) } } }
            p.help #token-help { "Make one on your profile page, or ask whoever runs this service: " code { "notifyctl token create NAME" } "." }
            button { "Sign in" }
        }
    };
    layout::bare("Sign in", &content)
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn nobody_is_sent_to_another_site_after_signing_in() {
        for foreign in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "alerts",
            "",
        ] {
            assert_eq!(within(foreign), "/", "{foreign:?}");
        }
        assert_eq!(within("/alerts?offset=25"), "/alerts?offset=25");
    }
}
