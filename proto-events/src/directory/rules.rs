//! Rules: whose they are, and the channels that they name.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::Limits;
use crate::channel::ChannelSet;
use crate::event_name::Column;

/// Whose rule it is (DefectDojo `Notifications`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum RuleScope {
    /// The system's own channels; exactly one such rule is in force.
    System,
    /// The pattern for new users; routes nothing.
    Template,
    /// A person's rule for everything they may see.
    Personal {
        /// The user's id.
        user: i64,
    },
    /// A person's rule for one product, added to the personal one.
    Product {
        /// The user's id.
        user: i64,
        /// The product's id.
        product: i64,
    },
    /// A person's rule for all products of a type, likewise. DefectDojo has none.
    ProductType {
        /// The user's id.
        user: i64,
        /// The product type's id.
        product_type: i64,
    },
    /// A group's rule, added to those of each of its users. DefectDojo has none.
    Group {
        /// The group's id.
        group: i64,
    },
}

/// A rule: for each event column a set of channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Id of the row.
    pub id: i64,
    /// Whose rule it is.
    #[serde(flatten)]
    pub scope: RuleScope,
    /// What was chosen.
    pub channels: RuleChannels,
    /// What it takes away.
    #[serde(default)]
    pub limits: Limits,
}

/// The channels of every column. A column that is not named takes DefectDojo's default:
/// the alert, and nothing for `scan_added_empty` (`notifications/models.py`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    from = "BTreeMap<Column, ChannelSet>",
    into = "BTreeMap<Column, ChannelSet>"
)]
pub struct RuleChannels([ChannelSet; Column::ALL.len()]);

impl RuleChannels {
    /// No channel for any column.
    pub const NONE: Self = Self([ChannelSet::EMPTY; Column::ALL.len()]);

    /// The channels of a column.
    #[must_use]
    pub const fn get(&self, column: Column) -> ChannelSet {
        self.0[column as usize]
    }

    /// Sets the channels of a column.
    pub const fn set(&mut self, column: Column, channels: ChannelSet) {
        self.0[column as usize] = channels;
    }
}

impl Default for RuleChannels {
    fn default() -> Self {
        let mut channels = Self([ChannelSet::ALERT; Column::ALL.len()]);
        channels.set(Column::ScanAddedEmpty, ChannelSet::EMPTY);
        channels
    }
}

impl From<BTreeMap<Column, ChannelSet>> for RuleChannels {
    fn from(named: BTreeMap<Column, ChannelSet>) -> Self {
        let mut channels = Self::default();
        for (column, set) in named {
            channels.set(column, set);
        }
        channels
    }
}

impl From<RuleChannels> for BTreeMap<Column, ChannelSet> {
    fn from(channels: RuleChannels) -> Self {
        Column::ALL
            .into_iter()
            .map(|column| (column, channels.get(column)))
            .collect()
    }
}

impl JsonSchema for RuleChannels {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RuleChannels".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        BTreeMap::<Column, ChannelSet>::json_schema(generator)
    }
}
