//! Every page that is a no.

use axum::http::Method;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;

use super::component::quoted;
use super::{layout, sign_in};
use crate::access::origin;
use crate::refusal::Refusal;

/// Why somebody does not see the page they asked for.
#[derive(Debug)]
pub(super) enum Trouble {
    /// They are to sign in at this address first.
    SignIn(String),
    /// It is refused.
    Refused(Refusal),
}

impl Trouble {
    /// Nobody knows who asks for this.
    pub(super) fn sign_in(request: &Parts) -> Self {
        Self::SignIn(format!("{}?next={}", sign_in::PATH, quoted(next(request))))
    }
}

/// The page to show once somebody has signed in: the one that was asked for, or the one that a form stood
/// on. What a form is sent to need not be a page.
fn next(request: &Parts) -> &str {
    let page = match request.method {
        Method::GET | Method::HEAD => request.uri.path_and_query().map(PathAndQuery::as_str),
        _ => origin::page(&request.headers),
    };
    sign_in::within(page.unwrap_or("/"))
}

impl<E: Into<Refusal>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let refusal = match self {
            Self::SignIn(address) => return Redirect::to(&address).into_response(),
            Self::Refused(refusal) => refusal,
        };
        let status = refusal.status();
        let title = status.canonical_reason().unwrap_or("Trouble");
        let content = html! {
            h1 { (title) }
            @for sentence in refusal.sentences() { p { (sentence) } }
            p { a href="/" { "Back to your alerts" } }
        };
        (status, layout::bare(title, &content)).into_response()
    }
}
