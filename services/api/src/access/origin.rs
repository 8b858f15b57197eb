//! Which site's page made a request. A browser shows its cookie whichever page asks it to, so
//! what changes something is answered only if one of our own pages asked.

use axum::http::header::{HOST, ORIGIN, REFERER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};

use crate::refusal::Refusal;

/// Where a browser says which site made a request (Fetch Metadata, W3C).
const FETCH_SITE: &str = "sec-fetch-site";

/// Nothing, or a refusal for what another site's page would have changed.
pub(crate) fn check(parts: &Parts) -> Result<(), Refusal> {
    if !is_harmless(&parts.method) && is_foreign(&parts.headers) {
        Err(Refusal::Forbidden)
    } else {
        Ok(())
    }
}

/// Path and query of the page of ours that made a request, if it was one and the browser says so.
pub(crate) fn page(headers: &HeaderMap) -> Option<&str> {
    let (referer, host) = (headers.get(REFERER)?, headers.get(HOST)?);
    let (_, address) = referer.to_str().ok()?.split_once("://")?;
    let page = address.strip_prefix(host.to_str().ok()?)?;
    page.starts_with('/').then_some(page)
}

fn is_harmless(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether another site's page made the request. Every browser says so in one way or the other;
/// what is no browser is no other site's page.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |value: Option<&HeaderValue>| {
        value.map(|value| value.to_str().unwrap_or("another").to_owned())
    };
    if let Some(site) = text(headers.get(FETCH_SITE)) {
        return !matches!(site.as_str(), "same-origin" | "none");
    }
    let Some(origin) = text(headers.get(ORIGIN)) else {
        return false;
    };
    let host = text(headers.get(HOST)).unwrap_or_default();
    origin
        .split_once("://")
        .is_none_or(|(_, origin)| origin != host)
}
