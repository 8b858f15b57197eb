//! Every answer that is a no, in DefectDojo's words where it has some.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use store::StoreError;

/// Where complaints stand that are about no one field.
const GENERAL: &str = "non_field_errors";

/// What is wrong with the fields of a request.
#[derive(Debug, Default)]
pub(crate) struct Errors(BTreeMap<String, Vec<String>>);

impl Errors {
    /// Notes what is wrong with a field.
    pub(crate) fn add(&mut self, field: &str, text: impl Into<String>) {
        self.0
            .entry(field.to_owned())
            .or_default()
            .push(text.into());
    }

    /// Notes what is wrong with all of it.
    pub(crate) fn add_general(&mut self, text: impl Into<String>) {
        self.add(GENERAL, text);
    }

    /// Whether something is wrong.
    pub(crate) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// What is wrong with a field.
    pub(crate) fn of(&self, field: &str) -> &[String] {
        self.0.get(field).map_or(&[], Vec::as_slice)
    }

    /// What is wrong with all of it.
    pub(crate) fn general(&self) -> &[String] {
        self.of(GENERAL)
    }

    /// What is wrong with each field but these, and not with all of it.
    pub(crate) fn besides<'e>(
        &'e self,
        fields: &'e [&str],
    ) -> impl Iterator<Item = (&'e str, &'e str)> {
        let others = self
            .0
            .iter()
            .map(|(name, texts)| (name.as_str(), texts))
            .filter(move |(name, _)| *name != GENERAL && !fields.contains(name));
        others.flat_map(|(name, texts)| texts.iter().map(move |text| (name, text.as_str())))
    }

    /// Nothing, or the refusal that says what is wrong.
    pub(crate) fn none(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Fields(self))
        }
    }
}

/// Why a request is not answered with what it asks for.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Nobody knows who asks.
    Unauthenticated(&'static str),
    /// It is not for them.
    Forbidden,
    /// There is no such path.
    NoPath,
    /// There is no such object, or it is somebody else's.
    NotFound(&'static str),
    /// The path knows other methods.
    Method(Method),
    /// Fields that cannot be used.
    Fields(Errors),
    /// The body is no JSON.
    Malformed(String),
    /// The body is of another kind than this one.
    MediaType(&'static str),
    /// The body is longer than so many bytes.
    TooLarge(usize),
    /// The body did not come in time.
    TooSlow,
    /// Things stand otherwise than the request supposes.
    Conflict(String),
    /// The broker did not confirm in time, or has no queue.
    NotConfirmed,
    /// The database is away.
    Unavailable(StoreError),
    /// A fault of ours.
    Broken(anyhow::Error),
}

impl Refusal {
    /// One field that cannot be used.
    pub(crate) fn field(name: &str, text: impl Into<String>) -> Self {
        let mut errors = Errors::default();
        errors.add(name, text);
        Self::Fields(errors)
    }

    /// Something that cannot be used, for no one field.
    pub(crate) fn general(text: impl Into<String>) -> Self {
        Self::field(GENERAL, text)
    }

    /// Something that the request depends on changed since it was looked at.
    pub(crate) fn changed() -> Self {
        Self::Conflict(
            "Something that this depends on was changed meanwhile; look again.".to_owned(),
        )
    }

    /// The status of the answer.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NoPath | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Fields(_) | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::NotConfirmed | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(self) -> Value {
        match self {
            Self::Fields(errors) => json!(errors.0),
            Self::Malformed(problem) => {
                json!({"message": "JSON request content is malformed", "detail": problem})
            }
            other => json!({ "detail": other.detail() }),
        }
    }

    /// What a person is told.
    pub(crate) fn sentences(self) -> Vec<String> {
        match self {
            Self::Fields(errors) => {
                let named = |(field, texts): (String, Vec<String>)| {
                    let name = (field != GENERAL).then(|| format!("{field}: "));
                    let name = name.unwrap_or_default();
                    texts.into_iter().map(move |text| format!("{name}{text}"))
                };
                errors.0.into_iter().flat_map(named).collect()
            }
            other => vec![other.detail()],
        }
    }

    fn detail(self) -> String {
        match self {
            Self::Fields(_) => "Some fields cannot be used.".to_owned(),
            Self::Malformed(problem) => problem,
            Self::Unauthenticated(text) => text.to_owned(),
            Self::Forbidden => "You do not have permission to perform this action.".to_owned(),
            Self::NoPath => "Not found.".to_owned(),
            Self::NotFound(what) => format!("No {what} matches the given query."),
            Self::Method(method) => format!("Method \"{method}\" not allowed."),
            Self::MediaType(kind) => format!("Send the body as {kind}."),
            Self::TooLarge(limit) => {
                format!("The body is longer than {limit} bytes (DD_API_BODY_LIMIT).")
            }
            Self::TooSlow => "The body did not come in time.".to_owned(),
            Self::Conflict(text) => text,
            Self::NotConfirmed => "The broker has not confirmed it. Send it again: what arrived twice is known by its id."
                .to_owned(),
            Self::Unavailable(error) => {
                tracing::warn!(%error, "a request could not be answered");
                "The database cannot be reached. Try again.".to_owned()
            }
            Self::Broken(error) => {
                tracing::error!(error = format!("{error:#}"), "a request met a fault");
                "A fault of the service; its log says more.".to_owned()
            }
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() {
            Self::Unavailable(error)
        } else if let StoreError::Vault(problem) = &error {
            // A key that is missing or changed: whoever reads it can say so to the operator.
            tracing::error!(%error, "a secret can be neither read nor written");
            Self::Conflict(format!("{problem}."))
        } else if error.is_conflict() {
            tracing::info!(%error, "a request met a conflict");
            Self::changed()
        } else {
            Self::Broken(error.into())
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(self.body())).into_response();
        let extra = match status {
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Token")),
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "5")),
            _ => None,
        };
        if let Some((name, value)) = extra {
            let headers = response.headers_mut();
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
