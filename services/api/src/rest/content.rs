//! Bodies, within bounds of length and time.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::{Map, Value};

use crate::app::App;
use crate::refusal::Refusal;

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// JSON text.
pub(crate) struct Content(pub(crate) Vec<u8>);

impl FromRequest<App> for Content {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let limit = app.config.api_body_limit;
        let (head, body) = request.into_parts();
        let header = |name| head.headers.get(name)?.to_str().ok();
        let announced: Option<usize> = header(CONTENT_LENGTH).and_then(|text| text.parse().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(Refusal::TooLarge(limit));
        }
        let is_json = header(CONTENT_TYPE).is_some_and(is_json);
        let reading = tokio::time::timeout(PATIENCE, to_bytes(body, limit)).await;
        let body = match reading {
            Err(_) => return Err(Refusal::TooSlow),
            Ok(Err(_)) => return Err(Refusal::TooLarge(limit)),
            Ok(Ok(body)) => body,
        };
        if is_json || body.is_empty() {
            Ok(Self(body.to_vec()))
        } else {
            Err(Refusal::MediaType)
        }
    }
}

fn is_json(media_type: &str) -> bool {
    let kind = media_type.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
}

/// A JSON object; no body is an empty one.
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl FromRequest<App> for Fields {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let Content(body) = Content::from_request(request, app).await?;
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        let value =
            serde_json::from_slice(&body).map_err(|error| Refusal::Malformed(error.to_string()))?;
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            other => Err(Refusal::general(format!(
                "Invalid data. Expected a dictionary, but got {}.",
                kind(&other)
            ))),
        }
    }
}

/// What a JSON value is called in complaints.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}
