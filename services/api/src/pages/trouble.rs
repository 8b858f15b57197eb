//! Every page that is a no.

use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use url::form_urlencoded;

use super::{layout, sign_in};
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
    /// Nobody knows who asks for this page.
    pub(super) fn sign_in(page: &Uri) -> Self {
        let page = page.path_and_query().map_or("/", |page| page.as_str());
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("next", page)
            .finish();
        Self::SignIn(format!("{}?{query}", sign_in::PATH))
    }
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
        let mut response = layout::bare(title, &content);
        *response.status_mut() = status;
        response
    }
}
