//! Cron expressions in a time zone: what is due, what comes next.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// How far the newest time that was dealt with may lie ahead of the clock before it counts as
/// the mistake of a clock that was set right since. Less than this a clock may step back.
const AHEAD: TimeDelta = TimeDelta::hours(25);

/// When a job is due: a cron expression of five fields, which a time zone's clock fulfils.
///
/// A time that the clock leaps over in spring counts when it lands; one that it passes twice
/// in autumn counts once, unless the expression names every hour or every minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing(Cron);

/// An expression that is none, or that never comes true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTiming {
    /// It cannot be read.
    #[error("{0}; write five fields: minute, hour, day of the month, month, day of the week")]
    Unreadable(String),
    /// There is no such day.
    #[error("no day ever fulfils it; look at the day of the month and the month")]
    Never,
}

impl FromStr for Timing {
    type Err = BadTiming;

    fn from_str(text: &str) -> Result<Self, BadTiming> {
        let cron = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build()
            .parse(text)
            .map_err(|error| BadTiming::Unreadable(error.to_string()))?;
        let timing = Self(cron);
        match timing.next(Tz::UTC, DateTime::UNIX_EPOCH) {
            Some(_) => Ok(timing),
            None => Err(BadTiming::Never),
        }
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// What a job's schedule says at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The newest of its times that was not dealt with; those before it are made up for with it.
    Due(DateTime<Utc>),
    /// Nothing is to be done.
    Waiting,
    /// What was dealt with lies so far ahead that the clock must have been wrong: count from now.
    ClockWasAhead,
}

impl Timing {
    /// What is to be done when everything up to `through` was dealt with. A clock that steps
    /// back makes nothing due again.
    #[must_use]
    pub fn standing(&self, zone: Tz, through: DateTime<Utc>, now: DateTime<Utc>) -> Standing {
        if through - now > AHEAD {
            return Standing::ClockWasAhead;
        }
        match self.newest(zone, now) {
            Some(time) if time > through => Standing::Due(time),
            _ => Standing::Waiting,
        }
    }

    /// The newest time that is not after `now`.
    fn newest(&self, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = zone.from_utc_datetime(&now.naive_utc());
        let found = self.0.find_previous_occurrence(&local, true);
        found.ok().map(|time| time.to_utc())
    }

    /// The first time after `after`.
    #[must_use]
    pub fn next(&self, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = zone.from_utc_datetime(&after.naive_utc());
        let found = self.0.find_next_occurrence(&local, false);
        found.ok().map(|time| time.to_utc())
    }
}
