//! Resources, one file each: what a path answers, and what it says of itself in the document.
//!
//! | module | what it is for |
//! |---|---|
//! | `route` | a path with its handler and its description |
//! | `query` | filters and paging, as a request names them |
//! | `content` | bodies, within bounds of length and time |
//! | `form` | from what a client writes to what is written |
//! | `secret` | secrets that can be written and not read |
//! | `path` | ids in paths |

pub(crate) mod alerts;
pub(crate) mod content;
pub(crate) mod dead_letters;
pub(crate) mod deliveries;
pub(crate) mod destinations;
pub(crate) mod events;
pub(crate) mod explain;
mod form;
pub(crate) mod notification_webhooks;
pub(crate) mod notifications;
pub(crate) mod path;
mod products;
pub(crate) mod query;
pub(crate) mod route;
mod secret;
pub(crate) mod system_settings;
pub(crate) mod templates;
pub(crate) mod test_send;
pub(crate) mod timetable;
pub(crate) mod users;

use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::refusal::Refusal;
use crate::{openapi, pages};
use route::Route;

/// Below this path programs ask; everywhere else people do.
const API: &str = "/api";

/// Where all resources are.
pub(crate) const BASE: &str = "/api/v2";

/// What an answer may do that is no whole page: a part of one may send its forms.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; form-action 'self'";

/// Every path with its description, in the order in which people read about them.
pub(crate) fn routes() -> Vec<Route> {
    [
        notifications::routes(),
        notification_webhooks::routes(),
        system_settings::routes(),
        users::routes(),
        timetable::routes(),
        products::routes(),
        alerts::routes(),
        events::routes(),
        deliveries::routes(),
        dead_letters::routes(),
        explain::routes(),
        destinations::routes(),
        test_send::routes(),
        templates::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// All that the service answers.
pub(crate) fn router(app: App) -> Router {
    routes()
        .into_iter()
        .fold(openapi::router().merge(pages::router()), |router, route| {
            router.route(&format!("{BASE}{}", route.path), route.handler)
        })
        .fallback(no_path)
        .method_not_allowed_fallback(no_method)
        .layer(middleware::from_fn_with_state(app.clone(), answered))
        .with_state(app)
}

/// A path that is there but for its last slash leads there; nothing else is there.
async fn no_path(State(_): State<App>, uri: Uri) -> Response {
    let path = uri.path();
    if !path.starts_with(BASE) || path.ends_with('/') {
        return refused(Refusal::NoPath, &uri);
    }
    let query = uri
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    HeaderValue::from_str(&format!("{path}/{query}")).map_or_else(
        |_| Refusal::NoPath.into_response(),
        |there| (StatusCode::PERMANENT_REDIRECT, [(LOCATION, there)]).into_response(),
    )
}

async fn no_method(method: Method, uri: Uri, _: Request) -> Response {
    refused(Refusal::Method(method), &uri)
}

/// A no for whoever asks there: programs get JSON, people a page.
fn refused(refusal: Refusal, uri: &Uri) -> Response {
    let below = uri.path().strip_prefix(API);
    if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        refusal.into_response()
    } else {
        pages::refused(refusal)
    }
}

/// Counts every answer, and gives it what all carry: nobody keeps it, nobody guesses what it is, and
/// no other site shows it as a part of a page, unless it has a policy of its own.
async fn answered(State(app): State<App>, request: Request, next: Next) -> Response {
    let (method, begun) = (request.method().clone(), Instant::now());
    let mut response = next.run(request).await;
    app.count
        .answered(&method, response.status(), begun.elapsed());
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY));
    response
}
