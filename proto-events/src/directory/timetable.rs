//! When somebody wants to hear of what they are told. DefectDojo tells everything at once.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::event_name::Column;
use crate::job::DestinationId;
use crate::severity::Severity;

/// Whose timetable it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// A person's, by the user's id: for their mails and Slack messages.
    User(i64),
    /// One of the system's destinations, by its id.
    Destination(DestinationId),
}

/// How often what follows a column is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// In one message at each full hour.
    Hourly,
    /// In one message a day.
    Daily,
}

impl Cadence {
    /// The word in tables and commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Daily => "daily",
        }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no cadence.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no cadence; there are hourly and daily")]
pub struct UnknownCadence(pub String);

impl FromStr for Cadence {
    type Err = UnknownCadence;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = [Self::Hourly, Self::Daily].into_iter();
        all.find(|cadence| cadence.as_str() == text)
            .ok_or_else(|| UnknownCadence(text.to_owned()))
    }
}

/// The hours of each day in which a person is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// Their beginning, local time.
    pub from: NaiveTime,
    /// Their end, local time; on the next day, if it is earlier than the beginning.
    pub to: NaiveTime,
    /// Findings of this severity or worse are told all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks_through: Option<Severity>,
}

/// When somebody wants to hear of what they are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// Whose days and hours these are.
    pub time_zone: Tz,
    /// When the daily message comes, local time.
    pub daily_at: NaiveTime,
    /// Columns that are not told at once.
    pub cadences: BTreeMap<Column, Cadence>,
    /// When nothing is told; a destination has none.
    pub quiet: Option<QuietHours>,
}
