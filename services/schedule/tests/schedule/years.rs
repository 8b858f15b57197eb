//! Years of days at a stroke: every engagement and threshold is told of once, at the right
//! time, whatever the clock, the zone and the machine do.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use schedule::config::Thresholds;
use schedule::engagements::{Moment, stale, upcoming};
use schedule::timing::Standing;
use schedule::{Notice, ScheduleConfig};

use crate::support::{config, day, engagement, time};

/// Lets a job run for years, looking hourly, but for a time in which the machine is off. Gives
/// the day on which each notice was first told, by its id.
fn live(
    config: &ScheduleConfig,
    from: DateTime<Utc>,
    off: Option<(DateTime<Utc>, TimeDelta)>,
    decide: impl Fn(Moment) -> Vec<Notice>,
) -> BTreeMap<String, NaiveDate> {
    let timing = &config.schedule_upcoming_engagement;
    let mut told = BTreeMap::new();
    let mut through = from;
    for hour in 0..24 * 365 * 2 {
        let now = from + TimeDelta::hours(hour);
        if off.is_some_and(|(begin, length)| now >= begin && now < begin + length) {
            continue;
        }
        let standing = timing.standing(config.schedule_time_zone, through, now);
        if let Standing::Due(due) = standing {
            through = due;
            let today = config.day(now);
            for notice in decide(Moment { now, today }) {
                told.entry(notice.id).or_insert(today);
            }
        }
    }
    told
}

#[test]
fn in_two_years_an_engagement_is_told_of_once_for_each_threshold_on_its_day() {
    let thresholds: Thresholds = "30,3".parse().unwrap();
    let it = engagement("2028-02-29", "2028-03-10");
    for zone in [
        "UTC",
        "Europe/Berlin",
        "Pacific/Auckland",
        "America/St_Johns",
    ] {
        let config = config(&["--schedule-time-zone", zone]);
        let told = live(&config, time("2026-11-22T00:30:00Z"), None, |at| {
            upcoming(&it, &thresholds, at).notices
        });
        let expected = [("30d", "2028-01-30"), ("3d", "2028-02-26")].map(|(threshold, on)| {
            (
                format!("upcoming_engagement/engagement/12/{threshold}/2028-02-29"),
                day(on),
            )
        });
        assert_eq!(told, BTreeMap::from(expected), "{zone}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whenever_the_machine_is_off_an_engagement_is_told_of_at_the_first_chance(
        begin in 0_i64..40, hours in 1_i64..24 * 40,
    ) {
        let config = config(&["--schedule-time-zone", "Europe/Berlin"]);
        let from = time("2026-11-22T00:30:00Z");
        let off = from + TimeDelta::days(begin);
        let length = TimeDelta::hours(hours);
        let it = engagement("2026-12-20", "2026-12-24");
        let thresholds: Thresholds = "3".parse().unwrap();
        let told = live(&config, from, Some((off, length)), |at| upcoming(&it, &thresholds, at).notices);
        let back = config.day(off + length + TimeDelta::hours(1));
        let is_down = |d: NaiveDate| config.day(off) <= d && d <= back;
        match told.into_values().collect::<Vec<_>>()[..] {
            [first] => prop_assert!(first == day("2026-12-17") || is_down(first) || first == back),
            [] => prop_assert!(is_down(day("2026-12-17")) && back > day("2026-12-20")),
            _ => prop_assert!(false, "it was told more than once"),
        }
        let stale_told = live(&config, from, Some((off, length)), |at| stale(&it, at).notices);
        prop_assert_eq!(stale_told.len(), 1, "however long it was off, it is found stale once");
    }
}
