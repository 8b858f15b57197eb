//! What no object may hold, whatever its kind.

use serde_json::Value;

use crate::event::{Unreadable, short};

/// Bytes of the longest text; DefectDojo's own longest is 511 characters.
const LONGEST_TEXT: usize = 4096;

/// Days of the longest SLA: a century.
const LONGEST_SLA: i64 = 36_500;

/// How many values a list may hold.
const LONGEST_LIST: usize = 100_000;

/// Refuses an object with a value that cannot be meant.
pub(super) fn check(object: &Value) -> Result<(), Unreadable> {
    value("object", object)
}

fn value(path: &str, found: &Value) -> Result<(), Unreadable> {
    match found {
        Value::Number(number) if path.starts_with("object.sla_configuration.") => {
            match number.as_i64() {
                Some(1..=LONGEST_SLA) => Ok(()),
                _ => wrong(
                    path,
                    format!("{number} is no number of days; an SLA has 1 to {LONGEST_SLA}"),
                ),
            }
        }
        // Every other number in these objects is an id.
        Value::Number(number) if number.as_i64().is_none_or(|id| id < 1) => {
            wrong(path, format!("{number} is no id; ids are 1 and above"))
        }
        Value::String(text) if text.len() > LONGEST_TEXT => {
            let size = text.len();
            wrong(
                path,
                format!("the text has {size} bytes, and no more than {LONGEST_TEXT} are taken"),
            )
        }
        Value::String(text) if text.is_empty() && path == "object.username" => {
            wrong(path, "it is empty".to_owned())
        }
        Value::Array(values) if values.len() > LONGEST_LIST => {
            let count = values.len();
            wrong(
                path,
                format!("the list has {count} values, and no more than {LONGEST_LIST} are taken"),
            )
        }
        Value::Array(values) => values.iter().try_for_each(|inner| value(path, inner)),
        Value::Object(members) => members
            .iter()
            .try_for_each(|(name, inner)| value(&format!("{path}.{name}"), inner)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn wrong(path: &str, problem: String) -> Result<(), Unreadable> {
    Err(Unreadable::Member {
        path: short(path),
        problem,
    })
}
