//! From what a browser sends to the fields of a resource.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::trouble::Trouble;
use crate::app::App;
use crate::refusal::{Errors, Refusal};
use crate::rest::content::{self, Fields};

/// What can be mended in the form that was sent, with the status of the answer; every other refusal
/// is a page of its own.
pub(super) fn mendable(refusal: Refusal) -> Result<(StatusCode, Errors), Trouble> {
    let status = refusal.status();
    match refusal {
        Refusal::Fields(errors) => Ok((status, errors)),
        Refusal::Conflict(text) => {
            let mut errors = Errors::default();
            errors.add_general(text);
            Ok((status, errors))
        }
        other => Err(other.into()),
    }
}

/// A list, or what is wrong with how it was asked for, with the status of the answer.
pub(super) fn listed<T>(
    asked: Result<T, Refusal>,
) -> Result<(StatusCode, Option<T>, Errors), Trouble> {
    match asked {
        Ok(list) => Ok((StatusCode::OK, Some(list), Errors::default())),
        Err(refusal) => {
            let (status, errors) = mendable(refusal)?;
            Ok((status, None, errors))
        }
    }
}

/// The field that says which version of a resource a form was filled in over.
pub(super) const VERSION: &str = "version";

/// A form that was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

/// What a field of a form is to become.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A text, as it is.
    Text,
    /// A text; an empty one is null.
    Optional,
    /// A whole number; an empty one is null, and what is none stays a text, to be complained of.
    Number,
    /// Ticked or not.
    Flag,
    /// All values of the name.
    List,
    /// A secret: an empty one is left as it is, and cleared where `clear_<name>` is ticked.
    Secret,
}

impl Form {
    /// The value of a name; an empty text if it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        let sent = self.0.iter().find(|(found, _)| found == name);
        sent.map_or("", |(_, value)| value)
    }

    /// A text of several lines. Browsers end them with CR LF, whatever was there before.
    pub(super) fn lines(&self, name: &str) -> String {
        self.text(name).replace("\r\n", "\n")
    }

    /// All values of a name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let values = self.0.iter().filter(move |(found, _)| found == name);
        values.map(|(_, value)| value.as_str())
    }

    /// Whether something of this name was sent: a box that was ticked, a button that was pressed.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }

    /// Refuses what was filled in before somebody else wrote the same; what does not say which version
    /// it saw is taken.
    pub(super) fn supposes(&self, version: &str) -> Result<(), Refusal> {
        let seen = self.text(VERSION);
        if seen.is_empty() || seen == version {
            Ok(())
        } else {
            Err(Refusal::changed())
        }
    }

    /// The fields of a resource.
    pub(super) fn fields(&self, kinds: &[(&str, Kind)]) -> Fields {
        let value = |(name, kind): &(&str, Kind)| {
            let value = self.value(name, *kind)?;
            Some(((*name).to_owned(), value))
        };
        Fields(kinds.iter().filter_map(value).collect::<Map<_, _>>())
    }

    /// None: the field is left as it is.
    fn value(&self, name: &str, kind: Kind) -> Option<Value> {
        let text = self.lines(name);
        let is_empty = text.is_empty();
        Some(match kind {
            Kind::Optional | Kind::Number if is_empty => Value::Null,
            Kind::Number => {
                let number = text.trim().parse::<i64>();
                number.map_or(Value::String(text), Value::from)
            }
            Kind::Flag => Value::Bool(self.has(name)),
            Kind::List => self.all(name).collect(),
            Kind::Secret if self.has(&format!("clear_{name}")) => Value::Null,
            Kind::Secret if is_empty => return None,
            Kind::Text | Kind::Optional | Kind::Secret => Value::String(text),
        })
    }
}

impl FromRequest<App> for Form {
    type Rejection = Trouble;

    async fn from_request(request: Request, app: &App) -> Result<Self, Trouble> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_form = kind.starts_with("application/x-www-form-urlencoded");
        let body = content::read(request, app.config.api_body_limit).await?;
        if !is_form && !body.is_empty() {
            return Err(Refusal::MediaType("application/x-www-form-urlencoded").into());
        }
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }
}
