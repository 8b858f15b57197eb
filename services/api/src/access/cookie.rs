//! The cookies of our pages.

use std::fmt::Display;

use axum::http::HeaderValue;
use axum::http::header::{COOKIE, HeaderMap};
use chrono::TimeDelta;

/// The cookie that holds a session.
pub(crate) const SESSION: &str = "dojo_notify_session";

/// The value of a cookie that a request shows.
pub(crate) fn shown<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// A cookie that no script reads and no other site's form sends. `value` must be of letters,
/// digits and percent signs; no age ends it at once.
pub(crate) fn set(
    name: &str,
    value: impl Display,
    age: TimeDelta,
    is_secure: bool,
) -> Option<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let seconds = age.num_seconds();
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let mut cookie = HeaderValue::from_str(&cookie).ok()?;
    cookie.set_sensitive(true);
    Some(cookie)
}
