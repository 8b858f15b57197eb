//! The document that describes the API (OpenAPI 3.1), made of the types that it reads and
//! writes, and the page that shows it.

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::rest::route::{Describe, Route};
use crate::rest::{BASE, routes};

/// Nothing but what this service itself serves.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document and the page.
pub(crate) fn router() -> Router<App> {
    let file = |media_type: &'static str, text: &'static str| {
        get(move |State(_): State<App>| async move { served(media_type, text.to_owned()) })
    };
    Router::new()
        .route(
            "/api/v2/openapi.json",
            get(|State(_): State<App>| async {
                served("application/json", document().to_string())
            }),
        )
        .route(
            "/api/docs",
            file(
                "text/html; charset=utf-8",
                include_str!("openapi/docs.html"),
            ),
        )
        .route(
            "/api/docs.js",
            file(
                "text/javascript; charset=utf-8",
                include_str!("openapi/docs.js"),
            ),
        )
        .route(
            "/api/docs.css",
            file("text/css; charset=utf-8", include_str!("openapi/docs.css")),
        )
}

fn served(media_type: &'static str, text: String) -> Response {
    let headers: [(HeaderName, &'static str); 3] = [
        (CONTENT_TYPE, media_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "max-age=300"),
    ];
    (StatusCode::OK, headers, text).into_response()
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        "/components/schemas".clone_into(settings.definitions_path.to_mut());
        settings.meta_schema = None;
    });
    let mut generator = SchemaGenerator::new(settings);
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let operation = operation(&route, &mut generator);
        let path = paths
            .entry(format!("{BASE}{}", route.path))
            .or_insert(json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Dojo Notify",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Notification rules, alerts, webhooks, events and what became of them, in the shapes of DefectDojo's API v2."
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "token": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "The word Token, a blank, and a token that `notifyctl token create` made."
                }
            },
            "responses": {
                "Refused": {
                    "description": "What is wrong: a sentence in `detail`, or a list of sentences for each field.",
                    "content": {"application/json": {"schema": {"type": "object"}}}
                }
            }
        }
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut content =
        |describe: Describe| json!({"application/json": {"schema": describe(generator)}});
    let mut success = json!({"description": "Done."});
    if let Some(answer) = route.answer {
        success["content"] = content(answer);
    }
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [tag(route)],
        "summary": route.summary,
        "responses": {
            route.status.as_str(): success,
            "4XX": {"$ref": "#/components/responses/Refused"},
        },
    });
    if let Some(body) = route.body {
        operation["requestBody"] = json!({"required": true, "content": content(body)});
    }
    let mut parameters: Vec<Value> = Vec::new();
    if route.path.contains("{id}") {
        parameters.push(
            json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}),
        );
    }
    parameters.extend(route.filters.iter().map(|(name, description)| {
        json!({"name": name, "in": "query", "description": description, "schema": {"type": "string"}})
    }));
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation
}

/// The resource that a path is of.
fn tag(route: &Route) -> &'static str {
    route.path.split('/').nth(1).unwrap_or_default()
}

fn operation_id(route: &Route) -> String {
    let words = route.path.split('/').filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| word.trim_matches(['{', '}'])).collect();
    format!(
        "{}_{}",
        route.method.as_str().to_ascii_lowercase(),
        words.join("_")
    )
}
