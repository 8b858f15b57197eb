//! Under which id a person is written to.
//!
//! What was looked up is kept in the database, for all replicas, and not for ever: people
//! join and leave, and another token is another workspace. Slack answers
//! `users.lookupByEmail` 50 times a minute.

use chrono::{DateTime, TimeDelta, Utc};
use store::SlackLookup;

/// How long an id that was found is used.
const FOUND: TimeDelta = TimeDelta::days(30);

/// How long nobody is asked again whose address nobody had, or whose id was just found out.
const ASKED: TimeDelta = TimeDelta::hours(1);

/// What is known of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// An id to try.
    Id {
        /// The id.
        id: String,
        /// Whether it was looked up so lately that Slack would say the same again.
        fresh: bool,
    },
    /// Nobody had the address, a short while ago.
    Nobody,
    /// Nothing: Slack is to be asked.
    Nothing,
}

/// What is known from the directory and from the last look-up, which saw more lately who is there.
#[must_use]
pub fn known(directory: Option<&str>, lookup: Option<&SlackLookup>, now: DateTime<Utc>) -> Known {
    let age = |lookup: &SlackLookup| now - lookup.at;
    match lookup {
        Some(SlackLookup { id: Some(id), .. }) if lookup.is_some_and(|it| age(it) < FOUND) => {
            Known::Id {
                id: id.clone(),
                fresh: lookup.is_some_and(|it| age(it) < ASKED),
            }
        }
        Some(missed @ SlackLookup { id: None, .. }) if age(missed) < ASKED => Known::Nobody,
        _ => directory.map_or(Known::Nothing, |id| Known::Id {
            id: id.to_owned(),
            fresh: false,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_up(id: Option<&str>, hours: i64) -> (SlackLookup, DateTime<Utc>) {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(365);
        let lookup = SlackLookup {
            id: id.map(str::to_owned),
            at: now - TimeDelta::hours(hours),
        };
        (lookup, now)
    }

    fn id(id: &str, fresh: bool) -> Known {
        let id = id.to_owned();
        Known::Id { id, fresh }
    }

    #[test]
    fn an_id_that_was_found_counts_for_30_days_before_the_directorys() {
        for (hours, expected) in [
            (0, id("UFOUND", true)),
            (1, id("UFOUND", false)),
            (30 * 24 - 1, id("UFOUND", false)),
            (30 * 24, id("UDIR", false)),
        ] {
            let (lookup, now) = looked_up(Some("UFOUND"), hours);
            assert_eq!(known(Some("UDIR"), Some(&lookup), now), expected, "{hours}");
        }
        let (lookup, now) = looked_up(Some("UFOUND"), 30 * 24);
        assert_eq!(known(None, Some(&lookup), now), Known::Nothing);
    }

    #[test]
    fn a_miss_counts_for_an_hour() {
        let (lookup, now) = looked_up(None, 0);
        assert_eq!(known(Some("UDIR"), Some(&lookup), now), Known::Nobody);
        let (lookup, now) = looked_up(None, 1);
        assert_eq!(known(None, Some(&lookup), now), Known::Nothing);
        assert_eq!(known(Some("UDIR"), Some(&lookup), now), id("UDIR", false));
    }

    #[test]
    fn the_directorys_id_is_tried_before_anybody_is_asked() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(known(Some("UDIR"), None, now), id("UDIR", false));
        assert_eq!(known(None, None, now), Known::Nothing);
    }
}
