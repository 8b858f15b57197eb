//! Cron expressions in time zones, and clocks that do what clocks do.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use schedule::Timing;
use schedule::timing::Standing;

use crate::support::time;

fn timing(text: &str) -> Timing {
    text.parse().unwrap()
}

/// The times at which a job runs that looks every so many minutes what is due.
fn runs(timing: &Timing, zone: Tz, from: &str, to: &str, step: TimeDelta) -> Vec<String> {
    let (mut now, end) = (time(from), time(to));
    let mut through = now;
    let mut runs = Vec::new();
    while now <= end {
        if let Standing::Due(due) = timing.standing(zone, through, now) {
            runs.push(due.to_rfc3339());
            through = due;
        }
        now += step;
    }
    runs
}

#[test]
fn in_spring_a_time_that_the_clock_leaps_over_counts_once_when_it_lands() {
    let nightly = timing("30 2 * * *");
    let berlin = Tz::Europe__Berlin;
    let minute = TimeDelta::minutes(1);
    assert_eq!(
        runs(
            &nightly,
            berlin,
            "2027-03-27T12:00:00Z",
            "2027-03-29T12:00:00Z",
            minute
        ),
        ["2027-03-28T01:00:00+00:00", "2027-03-29T00:30:00+00:00"]
    );
}

#[test]
fn in_autumn_a_time_that_comes_twice_counts_once() {
    let nightly = timing("30 2 * * *");
    let berlin = Tz::Europe__Berlin;
    let minute = TimeDelta::minutes(1);
    assert_eq!(
        runs(
            &nightly,
            berlin,
            "2026-10-24T12:00:00Z",
            "2026-10-26T12:00:00Z",
            minute
        ),
        ["2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"]
    );
}

#[test]
fn an_hourly_job_runs_every_hour_of_the_days_on_which_clocks_change() {
    let hourly = timing("0 * * * *");
    let berlin = Tz::Europe__Berlin;
    let minute = TimeDelta::minutes(1);
    let spring = runs(
        &hourly,
        berlin,
        "2027-03-27T23:30:00Z",
        "2027-03-28T22:30:00Z",
        minute,
    );
    assert_eq!(spring.len(), 23);
    let autumn = runs(
        &hourly,
        berlin,
        "2026-10-24T22:30:00Z",
        "2026-10-25T22:30:00Z",
        minute,
    );
    assert_eq!(autumn.len(), 24, "{autumn:?}");
}

#[test]
fn a_leap_day_has_its_run_and_other_years_have_none() {
    let leap = timing("0 8 29 2 *");
    let day = TimeDelta::days(1);
    assert_eq!(
        runs(
            &leap,
            Tz::UTC,
            "2026-01-01T12:00:00Z",
            "2033-01-01T12:00:00Z",
            day
        ),
        ["2028-02-29T08:00:00+00:00", "2032-02-29T08:00:00+00:00"]
    );
}

#[test]
fn after_a_downtime_over_several_times_there_is_one_run() {
    let daily = timing("30 7 * * *");
    let through = time("2026-11-20T07:30:00Z");
    let now = time("2026-11-25T03:00:00Z");
    let Standing::Due(due) = daily.standing(Tz::UTC, through, now) else {
        panic!("it is due")
    };
    assert_eq!(due, time("2026-11-24T07:30:00Z"));
    assert_eq!(daily.standing(Tz::UTC, due, now), Standing::Waiting);
}

#[test]
fn a_clock_that_steps_back_makes_nothing_due_again() {
    let hourly = timing("0 * * * *");
    let through = time("2026-11-22T09:00:00Z");
    for back in 0..24 {
        let now = time("2026-11-22T09:10:00Z") - TimeDelta::hours(back);
        assert_eq!(hourly.standing(Tz::UTC, through, now), Standing::Waiting);
    }
}

#[test]
fn a_clock_that_was_years_ahead_does_not_stop_a_job_for_years() {
    let daily = timing("30 7 * * *");
    let (through, now) = (time("2031-01-01T07:30:00Z"), time("2026-11-22T07:30:00Z"));
    assert_eq!(
        daily.standing(Tz::UTC, through, now),
        Standing::ClockWasAhead
    );
}

#[test]
fn what_comes_next_is_what_becomes_due() {
    let zones = [
        Tz::UTC,
        Tz::Europe__Berlin,
        Tz::America__St_Johns,
        Tz::Pacific__Auckland,
    ];
    for zone in zones {
        for text in ["30 7 * * *", "0 */3 * * *", "30 2 * * *", "0 12 * * 1"] {
            let timing = timing(text);
            let mut now: DateTime<Utc> = time("2026-01-01T00:00:00Z");
            for _ in 0..500 {
                let next = timing.next(zone, now).unwrap();
                let second = TimeDelta::seconds(1);
                let before = timing.standing(zone, now, next - second);
                assert_eq!(before, Standing::Waiting, "{text} in {zone} before {next}");
                let then = timing.standing(zone, now, next);
                assert_eq!(then, Standing::Due(next), "{text} in {zone} at {next}");
                now = next;
            }
        }
    }
}
