//! Until when messages are held back, at moments that tests choose.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::sample::select;
use proto_events::directory::{Cadence, Destination, QuietHours, Row, Securable, Timetable, Whose};
use proto_events::{Channel, Column, Severity};
use rules::{Directory, Policy, Recheck, WithoutAccess};

use crate::world::{What, World};

const MEI: i64 = 1;

fn clock(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn timetable(zone: &str, at: &str) -> Timetable {
    Timetable {
        time_zone: zone.parse().unwrap(),
        daily_at: clock(at),
        cadences: BTreeMap::new(),
        quiet: None,
    }
}

fn telling(zone: &str, cadence: Cadence, at: &str) -> Timetable {
    Timetable {
        cadences: [(Column::ScanAdded, cadence)].into(),
        ..timetable(zone, at)
    }
}

pub(crate) fn daily(zone: &str, at: &str) -> Timetable {
    telling(zone, Cadence::Daily, at)
}

fn quiet(zone: &str, from: &str, to: &str) -> Timetable {
    Timetable {
        quiet: Some(QuietHours {
            from: clock(from),
            to: clock(to),
            breaks_through: Some(Severity::Critical),
        }),
        ..timetable(zone, "08:00")
    }
}

/// Mei, who sees product 1, with a timetable.
fn world(timetable: Timetable) -> World {
    let mut world = World::new()
        .user("mei")
        .member("mei", Securable::Product(1));
    world.0.timetables = Row::number([(Whose::User(MEI), timetable)]);
    world
}

fn mails(user: Option<i64>) -> Destination {
    Destination {
        id: 4,
        channel: Channel::Mail,
        user,
        switched_off: false,
    }
}

fn scan() -> What {
    What::happened("scan_added").on_product(1)
}

fn held_until(timetable: &Timetable, what: &What, now: &str) -> Option<String> {
    let directory = world(timetable.clone()).directory();
    let held = directory.held(&mails(Some(MEI)), &what.facts(), moment(now));
    held.map(|held| held.due.format("%Y-%m-%dT%H:%MZ").to_string())
}

fn due(timetable: &Timetable, now: &str) -> Option<String> {
    held_until(timetable, &scan(), now)
}

#[test]
fn a_daily_digest_comes_at_the_next_such_time_of_its_zone() {
    let berlin = daily("Europe/Berlin", "08:00");
    for (now, expected) in [
        ("2026-11-26T06:59:59Z", "2026-11-26T07:00Z"),
        ("2026-11-26T07:00:00Z", "2026-11-27T07:00Z"),
        ("2026-11-26T23:30:00Z", "2026-11-27T07:00Z"),
        ("2026-12-31T12:00:00Z", "2027-01-01T07:00Z"),
        ("2028-02-28T12:00:00Z", "2028-02-29T07:00Z"),
        ("2028-02-29T12:00:00Z", "2028-03-01T07:00Z"),
    ] {
        assert_eq!(due(&berlin, now).as_deref(), Some(expected), "{now}");
    }
}

#[test]
fn a_time_that_the_clock_leaps_over_counts_when_it_lands() {
    let berlin = daily("Europe/Berlin", "02:30");
    assert_eq!(
        due(&berlin, "2026-03-28T12:00:00Z").unwrap(),
        "2026-03-29T01:00Z"
    );
    // Samoa had no 30 December 2011 at all.
    let apia = daily("Pacific/Apia", "08:00");
    assert_eq!(
        due(&apia, "2011-12-30T09:00:00Z").unwrap(),
        "2011-12-30T10:00Z"
    );
}

#[test]
fn a_time_that_comes_twice_counts_once() {
    let berlin = daily("Europe/Berlin", "02:30");
    assert_eq!(
        due(&berlin, "2026-10-24T22:00:00Z").unwrap(),
        "2026-10-25T00:30Z"
    );
    assert_eq!(
        due(&berlin, "2026-10-25T00:45:00Z").unwrap(),
        "2026-10-26T01:30Z"
    );
}

#[test]
fn an_hourly_digest_comes_at_full_hours_of_its_zone_through_changes_of_the_clock() {
    let berlin = telling("Europe/Berlin", Cadence::Hourly, "08:00");
    for (now, expected) in [
        ("2026-11-26T06:00:00Z", "2026-11-26T07:00Z"),
        ("2026-10-25T00:30:00Z", "2026-10-25T01:00Z"),
        ("2026-10-25T01:30:00Z", "2026-10-25T02:00Z"),
        ("2026-03-29T00:59:59.9Z", "2026-03-29T01:00Z"),
    ] {
        assert_eq!(due(&berlin, now).as_deref(), Some(expected), "{now}");
    }
    let kolkata = telling("Asia/Kolkata", Cadence::Hourly, "08:00");
    assert_eq!(
        due(&kolkata, "2026-11-26T06:10:00Z").unwrap(),
        "2026-11-26T06:30Z"
    );
}

#[test]
fn quiet_hours_go_over_midnight_and_end_as_clocks_on_the_wall_show() {
    let night = quiet("Europe/Berlin", "22:00", "07:00");
    for (now, expected) in [
        ("2026-11-26T20:59:59Z", None),
        ("2026-11-26T21:00:00Z", Some("2026-11-27T06:00Z")),
        ("2026-11-27T03:00:00Z", Some("2026-11-27T06:00Z")),
        ("2026-11-27T06:00:00Z", None),
        // The nights of the changes are an hour shorter and longer.
        ("2026-03-28T22:00:00Z", Some("2026-03-29T05:00Z")),
        ("2026-10-24T22:00:00Z", Some("2026-10-25T06:00Z")),
    ] {
        assert_eq!(due(&night, now).as_deref(), expected, "{now}");
    }
    let lunch = quiet("Europe/Berlin", "12:00", "13:00");
    assert_eq!(
        due(&lunch, "2026-11-26T11:30:00Z").unwrap(),
        "2026-11-26T12:00Z"
    );
    assert_eq!(due(&lunch, "2026-11-26T12:00:00Z"), None);
}

#[test]
fn the_severity_that_breaks_through_quiet_hours_does_so_and_what_is_less_does_not() {
    let night = quiet("UTC", "22:00", "07:00");
    let now = "2026-11-26T23:00:00Z";
    let of = |severity| held_until(&night, &scan().of_severity(severity), now);
    assert_eq!(of(Severity::Critical), None);
    assert!(of(Severity::High).is_some());
    assert!(
        held_until(&night, &scan(), now).is_some(),
        "no severity at all"
    );
}

#[test]
fn what_names_a_person_is_held_by_quiet_hours_and_by_a_digest_that_was_chosen_for_it() {
    let mention = What::happened("user_mentioned").on_product(1).to(&["mei"]);
    let night = quiet("UTC", "22:00", "07:00");
    assert!(held_until(&night, &mention, "2026-11-26T23:00:00Z").is_some());
    assert_eq!(
        held_until(&daily("UTC", "08:00"), &mention, "2026-11-26T12:00:00Z"),
        None
    );
    let chosen = Timetable {
        cadences: [(Column::UserMentioned, Cadence::Daily)].into(),
        ..timetable("UTC", "08:00")
    };
    assert!(held_until(&chosen, &mention, "2026-11-26T12:00:00Z").is_some());
}

#[test]
fn a_digest_that_would_come_in_quiet_hours_comes_when_they_end() {
    let hourly = Timetable {
        cadences: [(Column::ScanAdded, Cadence::Hourly)].into(),
        ..quiet("UTC", "22:00", "07:00")
    };
    assert_eq!(
        due(&hourly, "2026-11-26T20:10:00Z").unwrap(),
        "2026-11-26T21:00Z"
    );
    for now in [
        "2026-11-26T21:10:00Z",
        "2026-11-27T02:10:00Z",
        "2026-11-27T06:10:00Z",
    ] {
        assert_eq!(due(&hourly, now).unwrap(), "2026-11-27T07:00Z", "{now}");
    }
}

#[test]
fn alerts_and_webhooks_never_wait_and_a_timetable_is_its_owners_alone() {
    let directory = world(daily("UTC", "08:00")).directory();
    let (what, now) = (scan(), moment("2026-11-26T12:00:00Z"));
    for channel in Channel::ALL {
        let destination = Destination {
            channel,
            ..mails(Some(MEI))
        };
        let held = directory.held(&destination, &what.facts(), now);
        let waits = matches!(channel, Channel::Mail | Channel::Slack | Channel::Msteams);
        assert_eq!(held.is_some(), waits, "{channel}");
    }
    for user in [None, Some(2)] {
        assert_eq!(directory.held(&mails(user), &what.facts(), now), None);
    }
}

#[test]
fn a_destination_of_the_system_has_a_timetable_of_its_own() {
    let mut world = World::new();
    world.0.timetables = Row::number([(Whose::Destination(4), daily("UTC", "08:00"))]);
    let directory = world.directory();
    let (what, now) = (scan(), moment("2026-11-26T12:00:00Z"));
    assert!(directory.held(&mails(None), &what.facts(), now).is_some());
    let other = Destination {
        id: 5,
        ..mails(None)
    };
    assert_eq!(directory.held(&other, &what.facts(), now), None);
}

#[test]
fn words_say_what_is_waited_for_in_the_readers_own_time() {
    let said = |timetable: Timetable, now: &str| {
        let directory = world(timetable).directory();
        let held = directory.held(&mails(Some(MEI)), &scan().facts(), moment(now));
        held.unwrap().to_string()
    };
    assert_eq!(
        said(daily("Europe/Berlin", "08:00"), "2026-11-26T12:00:00Z"),
        "held for the daily digest at 08:00 Europe/Berlin (2026-11-27T07:00:00Z)"
    );
    assert_eq!(
        said(
            quiet("Europe/Berlin", "22:00", "07:00"),
            "2026-11-26T23:00:00Z"
        ),
        "quiet hours until 07:00 Europe/Berlin (2026-11-27T06:00:00Z)"
    );
}

#[test]
fn when_it_is_due_whoever_left_or_lost_access_is_not_told() {
    let policy = |without_access| Policy {
        without_access,
        ..Policy::default()
    };
    let recheck = |directory: &Directory, what: &What, way| {
        directory.recheck(&policy(way), &what.facts(), MEI, false)
    };
    let (told, redacted) = (
        Recheck::Tell { redacted: false },
        Recheck::Tell { redacted: true },
    );
    let sees = world(daily("UTC", "08:00")).directory();
    assert_eq!(recheck(&sees, &scan(), WithoutAccess::Redact), told);
    let lost = World::new().user("mei").directory();
    assert_eq!(
        recheck(&lost, &scan(), WithoutAccess::Full),
        Recheck::AccessLost
    );
    let mention = scan().to(&["mei"]);
    assert_eq!(recheck(&lost, &mention, WithoutAccess::Redact), redacted);
    assert_eq!(recheck(&lost, &mention, WithoutAccess::Full), told);
    assert_eq!(
        recheck(&lost, &mention, WithoutAccess::Drop),
        Recheck::AccessLost
    );
    let left = World::new()
        .with_user("mei", |user| user.active = false)
        .directory();
    assert_eq!(
        recheck(&left, &mention, WithoutAccess::Full),
        Recheck::RecipientGone
    );
    assert_eq!(
        recheck(&World::new().directory(), &scan(), WithoutAccess::Full),
        Recheck::RecipientGone
    );
}

const ZONES: [Tz; 6] = [
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Apia,
    Tz::UTC,
];

fn any_moment() -> impl Strategy<Value = DateTime<Utc>> {
    // 2000 to 2050, by seconds.
    (946_684_800..2_524_608_000_i64)
        .prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

fn any_time() -> impl Strategy<Value = NaiveTime> {
    (0..24 * 60_u32)
        .prop_map(|minutes| NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).unwrap())
}

proptest! {
    /// Whoever chose nothing is told at once, whatever others chose.
    #[test]
    fn nobody_waits_who_chose_nothing(now in any_moment(), zone in select(&ZONES[..]), at in any_time(), channel in select(&Channel::ALL[..])) {
        let mut world = world(Timetable { daily_at: at, time_zone: zone, ..daily("UTC", "08:00") });
        world = world.user("bob");
        let destination = Destination { channel, ..mails(Some(world.id("bob"))) };
        prop_assert_eq!(world.directory().held(&destination, &scan().facts(), now), None);
    }

    /// A digest comes after the moment, soon enough, and everything until then comes with it.
    #[test]
    fn everything_until_a_digest_comes_with_it(now in any_moment(), zone in select(&ZONES[..]), at in any_time(), hourly in any::<bool>(), percent in 0..100_i32) {
        let cadence = if hourly { Cadence::Hourly } else { Cadence::Daily };
        let timetable = Timetable { daily_at: at, time_zone: zone, ..telling("UTC", cadence, "08:00") };
        let directory = world(timetable).directory();
        let due = |now| directory.held(&mails(Some(MEI)), &scan().facts(), now).unwrap().due;
        let first = due(now);
        prop_assert!(first > now);
        // A day's leap in Samoa makes one day in these years longer to wait for.
        let longest = TimeDelta::hours(if hourly { 1 } else { 49 });
        prop_assert!(first - now <= longest);
        let between = now + (first - now) * percent / 100;
        prop_assert_eq!(due(between), first);
        prop_assert!(due(first) > first);
    }

    /// Quiet hours end, and what comes when they end is told at once.
    #[test]
    fn quiet_hours_end(now in any_moment(), zone in select(&ZONES[..]), from in any_time(), to in any_time()) {
        prop_assume!(from != to);
        let hours = QuietHours { from, to, breaks_through: None };
        let timetable = Timetable { time_zone: zone, quiet: Some(hours), ..timetable("UTC", "08:00") };
        let directory = world(timetable).directory();
        let held = |now| directory.held(&mails(Some(MEI)), &scan().facts(), now).map(|held| held.due);
        if let Some(end) = held(now) {
            prop_assert!(end > now && end - now <= TimeDelta::hours(49));
        }
    }
}
