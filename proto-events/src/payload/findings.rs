//! Findings of an event: one, a list, or what a scan made of many.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A finding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingObject {
    /// Its id in DefectDojo.
    pub id: i64,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// `Critical`, `High`, `Medium`, `Low` or `Info`.
    #[serde(default)]
    pub severity: String,
    /// Whether it is open.
    #[serde(default)]
    pub active: Option<bool>,
    /// Whether somebody confirmed it.
    #[serde(default)]
    pub verified: Option<bool>,
    /// The day it was found.
    #[serde(default)]
    pub date: Option<NaiveDate>,
    /// The day its SLA ends.
    #[serde(default)]
    pub sla_expiration_date: Option<NaiveDate>,
}

/// Findings of an event: sorted by a scan into what became of them, or a plain list.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Findings {
    /// `scan_added`, `scan_added_empty`.
    Scan(Box<ScanFindings>),
    /// `sla_breach_combined`.
    List(Vec<FindingObject>),
}

// Told apart by its form, as a recipient is.
impl<'de> Deserialize<'de> for Findings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Findings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lists of findings by name, or a list of findings")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Findings, A::Error> {
                let lists = Box::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Findings::Scan(lists))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Findings, A::Error> {
                let list = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(Findings::List(list))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

/// What a scan did to findings, each list sorted by severity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ScanFindings {
    /// Seen for the first time.
    pub new: Vec<FindingObject>,
    /// Was closed, is back.
    pub reactivated: Vec<FindingObject>,
    /// No longer reported, closed.
    pub mitigated: Vec<FindingObject>,
    /// Reported before and still there.
    pub untouched: Vec<FindingObject>,
    /// New, but a duplicate of a known one.
    pub new_duplicate: Vec<FindingObject>,
    /// Back, but a duplicate.
    pub reactivated_duplicate: Vec<FindingObject>,
    /// Still there, a duplicate.
    pub untouched_duplicate: Vec<FindingObject>,
}

impl ScanFindings {
    /// The lists with their names, in the order of the wire.
    #[must_use]
    pub fn lists(&self) -> [(&'static str, &[FindingObject]); 7] {
        [
            ("new", &self.new),
            ("reactivated", &self.reactivated),
            ("mitigated", &self.mitigated),
            ("untouched", &self.untouched),
            ("new_duplicate", &self.new_duplicate),
            ("reactivated_duplicate", &self.reactivated_duplicate),
            ("untouched_duplicate", &self.untouched_duplicate),
        ]
    }
}

/// How many findings each list has, told or not; `list` for a plain one.
pub type FindingsCounts = BTreeMap<String, u64>;
