//! Who asks. A handler that takes a [`Caller`] is answered for somebody, one that takes a
//! [`Superuser`] for those only.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::app::App;
use crate::refusal::Refusal;

/// Somebody with a token.
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
        let missing = "Authentication credentials were not provided.";
        let header = parts.headers.get(AUTHORIZATION);
        let header = header.ok_or(Refusal::Unauthenticated(missing))?;
        let invalid = Refusal::Unauthenticated("Invalid token.");
        let token = header.to_str().ok().and_then(|text| {
            let (scheme, token) = text.split_once(' ')?;
            scheme.eq_ignore_ascii_case("token").then(|| token.trim())
        });
        let Some(token) = token else {
            return Err(invalid);
        };
        let holder = app.store.token_holder(token).await?.ok_or(invalid)?;
        Ok(Self {
            id: holder.id,
            username: holder.username,
            superuser: holder.superuser,
        })
    }
}

/// Somebody who may do everything.
#[derive(Clone, Debug)]
pub(crate) struct Superuser(pub(crate) Caller);

impl FromRequestParts<App> for Superuser {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let caller = Caller::from_request_parts(parts, app).await?;
        if caller.superuser {
            Ok(Self(caller))
        } else {
            Err(Refusal::Forbidden)
        }
    }
}
