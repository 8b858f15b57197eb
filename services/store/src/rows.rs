//! From values to parameters: columns for UNNEST, JSON rows, and text that PostgreSQL takes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::FromStr;

use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::StoreError;

/// PostgreSQL has no NUL in text; this sign stands for it, so that nothing goes unseen.
const NUL_SIGN: &str = "\u{2400}";

/// Identifiers above this length (bytes) do not fit an index entry together.
const KEY_LIMIT: usize = 512;

/// One column of a grouped statement.
pub(crate) fn column<'a, T, U>(rows: &'a [T], of: impl Fn(&'a T) -> U) -> Vec<U> {
    rows.iter().map(of).collect()
}

/// Rows for `jsonb_to_recordset`, in the order of their keys, so that two writers lock
/// rows in the same order. Of rows with the same key the last one counts.
pub(crate) fn json_rows<T: Serialize, K: Ord>(
    rows: &[T],
    key: impl Fn(&T) -> K,
) -> Result<Value, StoreError> {
    let by_key: BTreeMap<K, &T> = rows.iter().map(|row| (key(row), row)).collect();
    let rows: Vec<&T> = by_key.into_values().collect();
    Ok(json(serde_json::to_value(rows)?))
}

/// Text as PostgreSQL takes it.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        text.replace('\0', NUL_SIGN).into()
    } else {
        text.into()
    }
}

/// [`text`] as a parameter.
pub(crate) fn owned(value: &str) -> String {
    text(value).into_owned()
}

/// An identifier given by a publisher, as an index takes it: a very long one is cut and
/// told apart by its SHA-256.
pub(crate) fn key(identifier: &str) -> String {
    let identifier = text(identifier);
    if identifier.len() <= KEY_LIMIT {
        return identifier.into_owned();
    }
    let digest: String = digest(&SHA256, identifier.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut end = KEY_LIMIT - digest.len() - 1;
    while !identifier.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}#{digest}", &identifier[..end])
}

/// JSON as `jsonb` takes it.
pub(crate) fn json(value: Value) -> Value {
    match value {
        Value::String(value) => Value::String(text(&value).into_owned()),
        Value::Array(values) => values.into_iter().map(json).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (text(&name).into_owned(), json(value)))
            .collect(),
        other => other,
    }
}

/// The text of a JSON value, as `jsonb` takes it.
pub(crate) fn json_text(value: &RawValue) -> Cow<'_, str> {
    let text = value.get();
    if !text.contains(r"\u0000") {
        return text.into();
    }
    serde_json::from_str(text).map_or(text.into(), |value| json(value).to_string().into())
}

/// A word of a vocabulary, read back.
pub(crate) fn word<T: FromStr>(column: &'static str, value: &str) -> Result<T, StoreError> {
    value.parse().map_err(|_| StoreError::UnknownWord {
        column,
        value: value.to_owned(),
    })
}
