//! Filters and paging, as a request names them.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use chrono::{DateTime, NaiveDateTime, Utc};
use proto_events::outcome::State;
use proto_events::{Channel, EndpointState, JobId, Reason, Service};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Page, Window};
use url::form_urlencoded;
use uuid::Uuid;

use crate::app::App;
use crate::refusal::Refusal;

/// Rows of a page unless a request asks for another number.
const ROWS: u32 = 25;

/// Rows of the longest page; who asks for more gets these, and `next`.
const MOST_ROWS: u32 = 1000;

/// What pages of a list are asked for with.
pub(crate) const PAGING: [(&str, &str); 2] = [
    ("limit", "Results of a page: 25, at most 1000."),
    ("offset", "How many results to pass over."),
];

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct List<T> {
    /// How many results the whole list has.
    pub(crate) count: i64,
    /// Address of the next page.
    pub(crate) next: Option<String>,
    /// Address of the page before.
    pub(crate) previous: Option<String>,
    /// The results of this page.
    pub(crate) results: Vec<T>,
}

/// The query of a request.
#[derive(Clone)]
pub(crate) struct Query {
    /// Where the list is, without a query.
    address: String,
    /// In the order of names, as DefectDojo links.
    pairs: BTreeMap<String, String>,
}

impl FromRequestParts<App> for Query {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let site = app.config.notify_url.clone();
        let site = site.unwrap_or_else(|| format!("http://{}", host.unwrap_or("localhost")));
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            address: format!("{}{}", site.trim_end_matches('/'), parts.uri.path()),
            pairs: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        })
    }
}

impl Query {
    /// A filter; one without a value is none.
    pub(crate) fn get<T: Filter>(&self, name: &str) -> Result<Option<T>, Refusal> {
        match self.pairs.get(name).map(String::as_str) {
            None | Some("") => Ok(None),
            Some(text) => match T::read(text) {
                Some(value) => Ok(Some(value)),
                None => Err(Refusal::field(name, T::EXPECTED)),
            },
        }
    }

    /// A filter as it was written; an empty text if it was not.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.pairs.get(name).map_or("", String::as_str)
    }

    /// With a value for what was not asked for.
    pub(crate) fn or(mut self, name: &str, value: &str) -> Self {
        if self.text(name).is_empty() {
            self.pairs.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// Without what was asked for by this name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.pairs.remove(name);
        self
    }

    /// The address of a page with the same query.
    pub(crate) fn here(&self, path: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.pairs)
            .finish();
        format!("{path}?{query}")
    }

    /// The part of a list that is asked for.
    pub(crate) fn window(&self) -> Result<Window, Refusal> {
        let limit: Option<Count> = self.get("limit")?;
        let offset: Option<Count> = self.get("offset")?;
        if limit.as_ref().is_some_and(|limit| limit.0 == 0) {
            return Err(Refusal::field("limit", "Ask for at least one result."));
        }
        let limit = limit.map_or(ROWS, |limit| {
            u32::try_from(limit.0).unwrap_or(u32::MAX).min(MOST_ROWS)
        });
        Ok(Window {
            limit,
            offset: offset.map_or(0, |offset| offset.0),
        })
    }

    /// A page as it is answered.
    pub(crate) fn list<S, T: From<S>>(&self, window: Window, page: Page<S>) -> List<T> {
        let limit = i64::from(window.limit);
        let after = window.offset.saturating_add(limit);
        let before = window.offset.saturating_sub(limit);
        List {
            count: page.count,
            next: (after < page.count).then(|| self.at(limit, Some(after))),
            previous: (window.offset > 0).then(|| self.at(limit, (before > 0).then_some(before))),
            results: page.rows.into_iter().map(T::from).collect(),
        }
    }

    fn at(&self, limit: i64, offset: Option<i64>) -> String {
        let mut pairs = self.pairs.clone();
        pairs.insert("limit".to_owned(), limit.to_string());
        match offset {
            Some(offset) => pairs.insert("offset".to_owned(), offset.to_string()),
            None => pairs.remove("offset"),
        };
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        format!("{}?{query}", self.address)
    }
}

/// What a filter can be.
pub(crate) trait Filter: Sized {
    /// What to say of a text that is none.
    const EXPECTED: &'static str;

    /// Reads it.
    fn read(text: &str) -> Option<Self>;
}

/// DefectDojo's words, for filters that are a choice.
const CHOICE: &str = "Select a valid choice. That choice is not one of the available choices.";

/// A number of rows, however large.
struct Count(i64);

impl Filter for Count {
    const EXPECTED: &'static str = "Write a whole number that is not negative.";

    fn read(text: &str) -> Option<Self> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // Only a number beyond all bounds is not read then.
        digits.then(|| Self(text.parse().unwrap_or(i64::MAX)))
    }
}

impl Filter for String {
    const EXPECTED: &'static str = "Write a text.";

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Filter for bool {
    const EXPECTED: &'static str = "Write true or false.";

    fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
}

macro_rules! parsed {
    ($($type:ty: $expected:expr;)*) => {
        $(impl Filter for $type {
            const EXPECTED: &'static str = $expected;

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        })*
    };
}

parsed! {
    i64: CHOICE;
    Uuid: "Write a UUID.";
    JobId: "Write the id of a job.";
    Channel: CHOICE;
    State: CHOICE;
    Reason: CHOICE;
    Service: CHOICE;
    EndpointState: CHOICE;
}

impl Filter for DateTime<Utc> {
    const EXPECTED: &'static str = "Write a time such as 2026-01-31T08:00:00Z.";

    fn read(text: &str) -> Option<Self> {
        let utc = |format| Some(NaiveDateTime::parse_from_str(text, format).ok()?.and_utc());
        let whole = text.parse().ok();
        // As browsers write what was chosen from a calendar: without a zone.
        whole
            .or_else(|| utc("%Y-%m-%dT%H:%M"))
            .or_else(|| utc("%Y-%m-%dT%H:%M:%S"))
    }
}
