//! An identity-aware proxy that says who asks. What it says is believed only from its own
//! networks; and since a browser is known to it by a cookie, only for requests of our own pages.

use std::net::IpAddr;

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::origin;
use crate::config::ApiConfig;
use crate::refusal::Refusal;

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
        Some(name) => origin::check(parts).map(|()| Some(name)),
    }
}
