//! Local times as moments: when a digest is due, and when quiet hours end. Pure: the moment goes in.
//!
//! In spring a time that the clock leaps over counts when it lands; in autumn a daily time that
//! comes twice counts the first time. Quiet hours go by what a clock on the wall shows.

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use proto_events::directory::{Cadence, QuietHours, Timetable};

/// Clocks are set by multiples of this (a gap ends at one), and once by a whole day.
const STEP: TimeDelta = TimeDelta::minutes(15);

/// How many of them the longest gap has.
const LONGEST_GAP: i32 = 24 * 4;

/// When the next digest after a moment comes, which quiet hours move to their end.
pub(crate) fn next_digest(
    timetable: &Timetable,
    cadence: Cadence,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let zone = timetable.time_zone;
    let due = match cadence {
        Cadence::Hourly => next_full_hour(zone, now),
        Cadence::Daily => next_day_at(zone, timetable.daily_at, now),
    }?;
    let quiet = timetable
        .quiet
        .and_then(|quiet| quiet_until(zone, quiet, due));
    Some(quiet.unwrap_or(due))
}

/// When the quiet hours end that it is in at a moment; none if it is in none.
pub(crate) fn quiet_until(
    zone: Tz,
    QuietHours { from, to, .. }: QuietHours,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let local = zone.from_utc_datetime(&now.naive_utc()).naive_local();
    let (time, today) = (local.time(), local.date());
    let over_midnight = to <= from;
    let within = if over_midnight {
        time >= from || time < to
    } else {
        time >= from && time < to
    };
    if !within {
        return None;
    }
    let ends_tomorrow = over_midnight && time >= from;
    let last_day = today.checked_add_days(Days::new(ends_tomorrow.into()))?;
    let mut ends = moments(zone, last_day.and_time(to)).into_iter().flatten();
    ends.find(|end| *end > now)
}

fn next_full_hour(zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let local = zone.from_utc_datetime(&now.naive_utc());
    let past = TimeDelta::seconds((local.minute() * 60 + local.second()).into());
    let hour = now.with_nanosecond(0)?.checked_sub_signed(past)?;
    hour.checked_add_signed(TimeDelta::hours(1))
}

fn next_day_at(zone: Tz, at: NaiveTime, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = zone.from_utc_datetime(&now.naive_utc()).date_naive();
    // A time that a whole day's leap lands on may be over when its own day begins.
    let days = (0..4).filter_map(|days| today.checked_add_days(Days::new(days)));
    let mut moments = days.filter_map(|day| moments(zone, day.and_time(at))[0]);
    moments.find(|moment| *moment > now)
}

/// The moments at which clocks show a local time, the first one first; the one at which they
/// land, if they leap over it.
fn moments(zone: Tz, local: NaiveDateTime) -> [Option<DateTime<Utc>>; 2] {
    let at = |local: NaiveDateTime| zone.from_local_datetime(&local);
    let utc = |moment: Option<DateTime<Tz>>| moment.map(|moment| moment.to_utc());
    let found = at(local);
    if found.earliest().is_some() {
        return [utc(found.earliest()), utc(found.latest())];
    }
    let past = TimeDelta::minutes((local.minute() % 15).into())
        + TimeDelta::seconds(local.second().into())
        + TimeDelta::nanoseconds(local.nanosecond().into());
    let landing = (1..=LONGEST_GAP).find_map(|steps| at(local - past + STEP * steps).earliest());
    [utc(landing), None]
}
