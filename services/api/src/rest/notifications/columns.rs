//! The columns of a rule, with DefectDojo's words for those that cannot be used.

use std::borrow::Cow;
use std::collections::BTreeMap;

use proto_events::directory::RuleChannels;
use proto_events::{Channel, ChannelSet, Column};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::rest::content::kind;

/// A list of channels for each column.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Columns(BTreeMap<Column, Channels>);

/// The list of one column.
#[derive(Clone, Copy, Serialize)]
struct Channels(ChannelSet);

impl Columns {
    /// As rules hold them.
    pub(super) fn channels(&self) -> RuleChannels {
        let mut channels = RuleChannels::default();
        for (column, list) in &self.0 {
            channels.set(*column, list.0);
        }
        channels
    }
}

impl Default for Columns {
    fn default() -> Self {
        Self::from(RuleChannels::default())
    }
}

impl From<RuleChannels> for Columns {
    fn from(channels: RuleChannels) -> Self {
        let column = |column| (column, Channels(channels.get(column)));
        Self(Column::ALL.into_iter().map(column).collect())
    }
}

/// DefectDojo takes one word for this column, and no list.
pub(super) fn accept_one_word(fields: &mut Map<String, Value>) {
    if let Some(value) = fields.get_mut(Column::ScanAddedEmpty.as_str())
        && let Value::String(word) = value
    {
        let words = Some(std::mem::take(word)).filter(|word| !word.is_empty());
        *value = words.into_iter().map(Value::String).collect();
    }
}

impl<'de> Deserialize<'de> for Channels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = match Value::deserialize(deserializer)? {
            Value::Array(words) => words,
            Value::Null => return Err(Error::custom("This field may not be null.")),
            other => {
                return Err(Error::custom(format!(
                    "Expected a list of items but got type \"{}\".",
                    kind(&other)
                )));
            }
        };
        let channel = |word: &Value| {
            let channel = word.as_str().and_then(|word| word.parse::<Channel>().ok());
            let word = word
                .as_str()
                .map_or_else(|| word.to_string().into(), Cow::from);
            channel.ok_or_else(|| Error::custom(format!("\"{word}\" is not a valid choice.")))
        };
        words
            .iter()
            .map(channel)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl JsonSchema for Columns {
    fn schema_name() -> Cow<'static, str> {
        "Columns".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let list = generator.subschema_for::<Vec<Channel>>();
        let column = |column: Column| {
            let mut schema = list.clone();
            schema.insert("description".to_owned(), column.label().into());
            (column.as_str().to_owned(), schema.to_value())
        };
        let properties: Map<String, Value> = Column::ALL.into_iter().map(column).collect();
        json_schema!({"type": "object", "properties": properties})
    }
}
