//! Who asks: somebody with a token, whom a trusted proxy names, or whose browser holds a session.
//! A handler that takes a [`Caller`] is answered for somebody, one that takes a [`Superuser`] for
//! those only.

pub(crate) mod attempts;
pub(crate) mod cookie;
pub(crate) mod origin;
pub(crate) mod proxy;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use store::Identity;

use crate::app::App;
use crate::refusal::Refusal;

/// Somebody who may come in.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The user's id.
    pub(crate) id: i64,
    /// The user's name.
    pub(crate) username: String,
    /// Whether they may do everything.
    pub(crate) superuser: bool,
    /// How they came in.
    pub(crate) way: Way,
}

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// With a token in the request.
    Token,
    /// Named by a trusted proxy.
    Proxy,
    /// With a session, which they may end.
    Session,
}

impl Caller {
    /// Whose things they may see: their own; none is everybody's.
    pub(crate) fn own(&self) -> Option<i64> {
        (!self.superuser).then_some(self.id)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let (found, way) = if let Some(name) = proxy::named(parts, &app.config)? {
            (app.store.identity_of(name).await?, Way::Proxy)
        } else if let Some(session) = session(&parts.headers) {
            origin::check(parts)?;
            (app.store.session_holder(session).await?, Way::Session)
        } else {
            let token = token(&parts.headers)?;
            (app.store.token_holder(token).await?, Way::Token)
        };
        let Identity {
            id,
            username,
            superuser,
        } = found.ok_or(INVALID)?;
        Ok(Self {
            id,
            username,
            superuser,
            way,
        })
    }
}

/// DefectDojo's words for somebody who is nobody.
const INVALID: Refusal = Refusal::Unauthenticated("Invalid token.");

/// The session that a browser shows; none where the request has a token.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    cookie::shown(headers, cookie::SESSION).filter(|_| !headers.contains_key(AUTHORIZATION))
}

/// The token of `Authorization: Token …`.
fn token(headers: &HeaderMap) -> Result<&str, Refusal> {
    let missing = Refusal::Unauthenticated("Authentication credentials were not provided.");
    let header = headers.get(AUTHORIZATION).ok_or(missing)?;
    let parts = header.to_str().ok().and_then(|text| text.split_once(' '));
    match parts {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("token") => Ok(token.trim()),
        _ => Err(INVALID),
    }
}

/// Somebody who may do everything.
#[derive(Clone, Debug)]
pub(crate) struct Superuser;

impl Superuser {
    /// Somebody who is known, if they are one.
    pub(crate) const fn of(caller: &Caller) -> Result<Self, Refusal> {
        if caller.superuser {
            Ok(Self)
        } else {
            Err(Refusal::Forbidden)
        }
    }
}

impl FromRequestParts<App> for Superuser {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        Self::of(&Caller::from_request_parts(parts, app).await?)
    }
}
