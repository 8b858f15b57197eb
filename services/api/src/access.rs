//! Who asks: somebody with a token, or whom a trusted proxy names. A handler that takes a [`Caller`] is answered for somebody, one that takes a
//! [`Superuser`] for those only.

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
        let Identity {
            id,
            username,
            superuser,
        } = match proxy::named(parts, &app.config)? {
            Some(name) => app.store.identity_of(name).await?.ok_or(INVALID)?,
            None => app
                .store
                .token_holder(token(&parts.headers)?)
                .await?
                .ok_or(INVALID)?,
        };
        Ok(Self {
            id,
            username,
            superuser,
        })
    }
}

/// DefectDojo's words for somebody who is nobody.
const INVALID: Refusal = Refusal::Unauthenticated("Invalid token.");

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

impl FromRequestParts<App> for Superuser {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let caller = Caller::from_request_parts(parts, app).await?;
        if caller.superuser {
            Ok(Self)
        } else {
            Err(Refusal::Forbidden)
        }
    }
}
