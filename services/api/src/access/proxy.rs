//! An identity-aware proxy that says who asks. What it says is believed only from its own
//! networks; and since a browser is known to it by a cookie, only for requests of our own pages.

use std::net::IpAddr;

use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use crate::config::ApiConfig;
use crate::refusal::Refusal;

/// Where a browser says which site made a request.
const FETCH_SITE: &str = "sec-fetch-site";

/// The address that a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Whom a trusted proxy names; none if the request comes another way, or shows a token.
pub(super) fn named<'r>(parts: &'r Parts, config: &ApiConfig) -> Result<Option<&'r str>, Refusal> {
    let (Some(header), Some(networks)) = (&config.auth_proxy_header, &config.auth_proxy_networks)
    else {
        return Ok(None);
    };
    let peer = parts.extensions.get::<Peer>();
    let is_trusted = peer.is_some_and(|Peer(address)| networks.contain(*address));
    if !is_trusted || parts.headers.contains_key(AUTHORIZATION) {
        return Ok(None);
    }
    let name = parts
        .headers
        .get(header)
        .and_then(|name| name.to_str().ok());
    match name.filter(|name| !name.is_empty()) {
        None => Ok(None),
        Some(_) if !is_harmless(&parts.method) && is_foreign(&parts.headers) => {
            Err(Refusal::Forbidden)
        }
        Some(name) => Ok(Some(name)),
    }
}

fn is_harmless(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether another site's page made the request. Every browser says so in one way or the other;
/// what is no browser is no other site's page.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |value: Option<&axum::http::HeaderValue>| {
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
