//! From a token to a session, and its end.

use std::time::Instant;

use axum::Router;
use axum::extract::{Extension, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::TimeDelta;
use maud::html;
use secrecy::ExposeSecret;

use super::form::Form;
use super::{Answer, layout};
use crate::access::proxy::Peer;
use crate::access::{cookie, origin, session};
use crate::app::App;
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

async fn ask(query: Query) -> Response {
    page(query.text("next"), None)
}

async fn enter(
    State(app): State<App>,
    Extension(Peer(address)): Extension<Peer>,
    parts: Parts,
    form: Form,
) -> Answer {
    origin::check(&parts)?;
    let (next, now) = (form.text("next"), Instant::now());
    if !app.attempts.may(address, now) {
        return Ok(wait(next));
    }
    let age = TimeDelta::seconds(app.config.session_cookie_age.into());
    let token = form.text("token").trim();
    let Some(session) = app.store.open_session(token, age).await? else {
        tracing::warn!(%address, "somebody could not sign in: the token is worth nothing");
        app.attempts.failed(address, now);
        let mut response = page(next, Some("That token is not known, or was revoked."));
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    };
    let response = Redirect::to(within(next)).into_response();
    Ok(with_session(&app, response, session.expose_secret(), age))
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

fn wait(next: &str) -> Response {
    let mut response = page(
        next,
        Some("Too many wrong tokens came from your address. Wait a minute."),
    );
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

fn page(next: &str, complaint: Option<&str>) -> Response {
    let content = html! {
        h1 { "Sign in" }
        form.card.sign-in method="post" action=(PATH) {
            input type="hidden" name="next" value=(next);
            label for="token" { "Your token" }
            input #token name="token" type="password" autocomplete="current-password" required autofocus
                aria-invalid=[complaint.map(|_| "true")] aria-describedby="token-help";
            @if let Some(complaint) = complaint { p.error role="alert" { (complaint) } }
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
