//! A sentence for the next page: what came of a form that was sent.

use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::access::cookie;
use crate::app::App;

/// The cookie that holds it until it is shown.
const COOKIE: &str = "dojo_notify_said";

/// Longer ones are cut (characters): browsers keep 4 KB of a cookie.
const LONGEST: usize = 300;

/// Sends a browser to a page that will show a sentence.
pub(super) fn then(app: &App, page: &str, sentence: &str) -> Response {
    let cut: String = sentence.chars().take(LONGEST).collect();
    let value = utf8_percent_encode(&cut, NON_ALPHANUMERIC);
    let age = TimeDelta::minutes(1);
    let mut response = Redirect::to(page).into_response();
    if let Some(cookie) = cookie::set(COOKIE, value, age, app.config.is_secure()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// What is to be shown now.
pub(super) fn shown(headers: &HeaderMap) -> Option<String> {
    let value = cookie::shown(headers, COOKIE)?;
    let text = percent_decode_str(value).decode_utf8().ok()?;
    Some(text.chars().take(LONGEST).collect::<String>()).filter(|text| !text.is_empty())
}

/// Forgets it, once it was shown.
pub(super) fn forget(response: &mut Response) {
    if let Some(cookie) = cookie::set(COOKIE, "", TimeDelta::zero(), false) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
