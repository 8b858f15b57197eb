//! Style and scripts. Browsers ask each time whether theirs is still the present one, so that no
//! page is shown with the style of another release.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// What all pages share first, then each page's own.
const STYLES: &str = concat!(
    include_str!("assets/app.css"),
    include_str!("assets/bell.css"),
    include_str!("assets/alerts.css"),
    include_str!("assets/notifications.css"),
    include_str!("assets/webhooks.css"),
    include_str!("assets/deliveries.css"),
    include_str!("assets/dead_letters.css"),
    include_str!("assets/destinations.css"),
    include_str!("assets/templates.css"),
    include_str!("assets/system_settings.css"),
    include_str!("assets/profile.css"),
);

/// Every file: its path, its kind, its text.
const FILES: [(&str, &str, &str); 4] = [
    ("/assets/app.css", STYLE, STYLES),
    ("/assets/app.js", SCRIPT, include_str!("assets/app.js")),
    ("/assets/bell.js", SCRIPT, include_str!("assets/bell.js")),
    ("/assets/icon.svg", PICTURE, include_str!("assets/icon.svg")),
];

pub(super) fn router() -> Router<App> {
    FILES
        .into_iter()
        .fold(Router::new(), |router, (path, kind, text)| {
            router.route(
                path,
                get(async move |headers: HeaderMap| served(&headers, kind, text)),
            )
        })
}

fn served(headers: &HeaderMap, kind: &'static str, text: &'static str) -> Response {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    let is_same = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let headers: [(HeaderName, &str); 3] = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-cache"),
        (ETAG, &tag),
    ];
    if is_same {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, text).into_response()
    }
}
