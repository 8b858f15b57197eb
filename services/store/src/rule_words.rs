//! A rule's channels, as its row names them.
//!
//! Tens of thousands of rules are read at a start, so the names are read where they stand,
//! without a copy of each.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use proto_events::directory::RuleChannels;
use proto_events::{Channel, ChannelSet, Column};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::unknown::Unknown;

/// What this release knows of a rule's channels. Names that it does not know are noted and
/// passed over; a rule that cannot be read names no channel at all, lest the defaults tell
/// somebody what they did not want.
pub(crate) fn channels(text: &str, unknown: &mut Unknown) -> RuleChannels {
    match serde_json::from_str::<Words>(text) {
        Ok(words) => {
            for name in words.unknown {
                unknown.note("rules.channels", name);
            }
            words.channels
        }
        Err(error) => {
            unknown.note("rules.channels", error.to_string());
            RuleChannels::NONE
        }
    }
}

#[derive(Default)]
struct Words {
    channels: RuleChannels,
    unknown: Vec<String>,
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Columns)
    }
}

struct Columns;

impl<'de> Visitor<'de> for Columns {
    type Value = Words;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lists of channels by column")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Words, A::Error> {
        let mut words = Words::default();
        while let Some(Word(column)) = map.next_key::<Word<Column>>()? {
            let Listed { set, unknown } = map.next_value()?;
            words.unknown.extend(unknown);
            match column {
                Ok(column) => words.channels.set(column, set),
                Err(name) => words.unknown.push(name),
            }
        }
        Ok(words)
    }
}

/// One column's list.
struct Listed {
    set: ChannelSet,
    unknown: Vec<String>,
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Channels)
    }
}

struct Channels;

impl<'de> Visitor<'de> for Channels {
    type Value = Listed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of channels")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Listed, A::Error> {
        let mut listed = Listed {
            set: ChannelSet::EMPTY,
            unknown: Vec::new(),
        };
        while let Some(Word(channel)) = list.next_element::<Word<Channel>>()? {
            match channel {
                Ok(channel) => listed.set = listed.set.with(channel),
                Err(name) => listed.unknown.push(name),
            }
        }
        Ok(listed)
    }
}

/// A word of a vocabulary, or a text that is none.
struct Word<T>(Result<T, String>);

impl<'de, T: FromStr> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(PhantomData))
    }
}

struct Text<T>(PhantomData<T>);

impl<T: FromStr> Visitor<'_> for Text<T> {
    type Value = Word<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Word(text.parse().map_err(|_| text.to_owned())))
    }
}
