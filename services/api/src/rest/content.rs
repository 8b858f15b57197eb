//! Bodies, within bounds of length and time.

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use futures_util::StreamExt as _;
use serde_json::{Map, Value};

use crate::app::App;
use crate::refusal::Refusal;

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long what is sent beyond the limit is still taken in, and dropped.
const LINGERING: Duration = Duration::from_secs(5);

/// How much of it at most (bytes).
const LINGERING_BYTES: usize = 64 * 1024 * 1024;

/// JSON text.
pub(crate) struct Content(pub(crate) Vec<u8>);

impl FromRequest<App> for Content {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let kind = request.headers().get(CONTENT_TYPE);
        let is_json = kind.is_some_and(|kind| kind.to_str().is_ok_and(is_json));
        let body = read(request, app.config.api_body_limit).await?;
        if is_json || body.is_empty() {
            Ok(Self(body))
        } else {
            Err(Refusal::MediaType("application/json"))
        }
    }
}

/// The body of a request, of up to so many bytes.
pub(crate) async fn read(request: Request, limit: usize) -> Result<Vec<u8>, Refusal> {
    let (head, body) = request.into_parts();
    let length = head.headers.get(CONTENT_LENGTH);
    let announced: Option<usize> = length.and_then(|text| text.to_str().ok()?.parse().ok());
    let mut pieces = body.into_data_stream();
    let reading = async {
        let mut read = Vec::new();
        let mut is_too_large = announced.is_some_and(|length| length > limit);
        while !is_too_large {
            let Some(piece) = pieces.next().await else {
                return Ok(read);
            };
            let broken = |error: axum::Error| Refusal::general(error.to_string());
            read.extend_from_slice(&piece.map_err(broken)?);
            is_too_large = read.len() > limit;
        }
        Err(Refusal::TooLarge(limit))
    };
    let result = tokio::time::timeout(PATIENCE, reading).await;
    let result = result.unwrap_or(Err(Refusal::TooSlow));
    if matches!(result, Err(Refusal::TooLarge(_))) {
        tokio::spawn(tokio::time::timeout(LINGERING, drop_rest(pieces)));
    }
    result
}

/// Takes in what nobody reads: whoever is still sending would see a broken connection instead of
/// the answer.
async fn drop_rest(mut pieces: BodyDataStream) {
    let mut taken = 0;
    while let Some(Ok(piece)) = pieces.next().await
        && taken < LINGERING_BYTES
    {
        taken += piece.len();
    }
}

fn is_json(media_type: &str) -> bool {
    let kind = media_type.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
}

/// A JSON object; no body is an empty one.
#[derive(Default)]
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
