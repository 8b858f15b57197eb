//! What a rule takes away. DefectDojo's rules only ever add.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::severity::Severity;

/// The limits of a rule; by default there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Limits {
    /// What the rule is about is silent for its user, whatever other rules say. Rules for a
    /// product or a product type can mute.
    pub muted: bool,
    /// The rule names no channel for an event whose findings are all less severe than this.
    /// Rules of a user or a group can have one.
    pub minimum_severity: Option<Severity>,
}
