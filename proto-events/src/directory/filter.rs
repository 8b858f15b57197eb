//! What a destination with a filter is told. DefectDojo has no such thing: it knows one channel
//! and one URL for everything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Destination;
use crate::event_name::EventName;
use crate::severity::Severity;

/// A destination of the system that is told what its filter lets through, whatever the system
/// rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredDestination {
    /// Where jobs go.
    pub destination: Destination,
    /// What people call it.
    pub name: String,
    /// What it is told.
    pub filter: Filter,
}

/// What is let through: what passes every list that is not empty, by any word in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Names of events or of the columns that they follow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// Ids of product types.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub product_types: Vec<i64>,
    /// Ids of products.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<i64>,
    /// Tags of products.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Events whose findings are all less severe are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_severity: Option<Severity>,
}

impl Filter {
    /// Whether the filter is for events of this name.
    #[must_use]
    pub fn is_for(&self, name: &EventName) -> bool {
        let column = name.column().as_str();
        let means = |word: &String| word == name.as_str() || word == column;
        self.events.is_empty() || self.events.iter().any(means)
    }
}
