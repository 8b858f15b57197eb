//! One file a channel: how a message looks there, and what the channel allows.

pub mod alert;
pub mod connector;
pub mod mail;
pub mod slack;
pub mod teams;
pub mod webhook;

mod budget;
mod plain;

use serde_json::Value;

/// An object of these members. `json!` copies what a value holds into its own; where values hold
/// values, every level would be copied once more.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let owned = members.map(|(name, value)| (name.to_owned(), value));
    Value::Object(owned.into_iter().collect())
}
