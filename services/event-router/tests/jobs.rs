//! From decisions to jobs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use std::collections::HashSet;

use event_router::jobs::{ALERT_BATCH, Plan, plan};
use event_router::record::told;
use proto_events::directory::{
    Cadence, Destination, Filter, FilteredDestination, Limits, Row, Rule, RuleChannels, RuleScope,
    Settings, Snapshot, Timetable, User, Whose,
};
use proto_events::{Channel, ChannelSet, Column, Event, Target, event};
use rules::{Directory, Facts, Policy, decide};
use serde_json::{Value, json};

/// A system and users who want everything everywhere.
fn snapshot(users: i64) -> Snapshot {
    let mut all = RuleChannels::NONE;
    for column in Column::ALL {
        all.set(column, Channel::ALL.into_iter().collect::<ChannelSet>());
    }
    let scopes = std::iter::once(RuleScope::System)
        .chain((1..=users).map(|user| RuleScope::Personal { user }));
    Snapshot {
        users: (1..=users)
            .map(|id| User {
                id,
                username: format!("user{id}"),
                active: true,
                superuser: true,
                ..User::default()
            })
            .collect(),
        rules: scopes
            .enumerate()
            .map(|(id, scope)| Rule {
                id: id as i64,
                scope,
                channels: all,
                limits: Limits::default(),
            })
            .collect(),
        settings: Settings {
            enable_mail_notifications: true,
            enable_slack_notifications: true,
            enable_msteams_notifications: true,
            enable_webhooks_notifications: true,
            ..Settings::default()
        },
        ..Snapshot::default()
    }
}

fn destination(id: i64, channel: Channel, user: Option<i64>) -> Destination {
    Destination {
        id,
        channel,
        user,
        switched_off: false,
    }
}

fn planned(snapshot: Snapshot, data: &Value) -> Plan {
    decided(snapshot, data).0
}

/// The plan, and the directory that it was made with.
fn decided(snapshot: Snapshot, data: &Value) -> (Plan, Directory) {
    let body =
        json!({"specversion": "1.0", "id": "1", "source": "s", "type": "other", "data": data})
            .to_string();
    let event = Event::parse(body.as_bytes()).unwrap();
    let raw = event::raw(body.as_bytes()).unwrap();
    let directory = Directory::new(snapshot);
    let decisions = decide(&directory, &Policy::default(), &Facts::from(&event));
    let plan = plan(&event, &raw, &directory, &decisions, chrono::Utc::now());
    (plan, directory)
}

#[test]
fn every_destination_gets_one_job_and_every_job_an_id_of_its_own() {
    let mut snapshot = snapshot(1);
    snapshot.destinations = vec![
        destination(1, Channel::Mail, None),
        destination(2, Channel::Mail, None),
        destination(3, Channel::Msteams, None),
        destination(4, Channel::Mail, Some(1)),
        destination(5, Channel::Webhooks, Some(1)),
    ];
    let (plan, directory) = decided(snapshot, &json!({"title": "T"}));
    let mut destinations: Vec<i64> = plan
        .jobs
        .iter()
        .filter_map(|job| job.to.address())
        .map(|address| address.destination)
        .collect();
    destinations.sort_unstable();
    assert_eq!(destinations, [1, 2, 3, 4, 5]);
    let ids: HashSet<_> = plan.jobs.iter().map(|job| job.id).collect();
    assert_eq!(ids.len(), plan.jobs.len());
    assert_eq!(
        told(&plan.jobs, &directory)[&Channel::Mail],
        [None, None, Some("user1")]
    );
}

#[test]
fn a_destination_with_a_filter_gets_a_job_of_the_system_s_and_stands_in_the_record() {
    let mut snapshot = snapshot(0);
    let team = |id, switched_off| FilteredDestination {
        destination: Destination {
            switched_off,
            ..destination(id, Channel::Slack, None)
        },
        name: format!("team {id}"),
        filter: Filter::default(),
    };
    snapshot.filtered = vec![team(5, false), team(6, true)];
    let plan = planned(snapshot, &json!({"title": "T"}));
    let jobs = plan.jobs.iter().filter_map(|job| job.to.address());
    let to: Vec<_> = jobs.map(|to| (to.destination, &to.recipient)).collect();
    assert_eq!(to, [(5, &None)]);
    assert_eq!(plan.notes.told_by_filter, ["team 5"]);
    assert_eq!(plan.notes.endpoint_inactive, [6]);
}

#[test]
fn a_channel_without_a_destination_is_told_in_the_record_and_makes_no_job() {
    let plan = planned(snapshot(1), &json!({"title": "T"}));
    assert!(
        plan.jobs
            .iter()
            .all(|job| job.to.channel() == Channel::Alert)
    );
    assert_eq!(
        plan.notes.no_destination[&Channel::Mail],
        [None, Some("user1".to_owned())]
    );
    assert_eq!(plan.notes.no_destination[&Channel::Msteams], [None]);
}

#[test]
fn an_endpoint_that_a_person_switched_off_gets_no_job_and_the_record_says_so() {
    let mut snapshot = snapshot(0);
    snapshot.destinations = vec![Destination {
        switched_off: true,
        ..destination(9, Channel::Webhooks, None)
    }];
    let plan = planned(snapshot, &json!({"title": "T"}));
    assert!(
        plan.jobs
            .iter()
            .all(|job| job.to.channel() != Channel::Webhooks)
    );
    assert_eq!(plan.notes.endpoint_inactive, [9]);
}

#[test]
fn alerts_go_in_batches() {
    let plan = planned(snapshot(1000), &json!({"title": "T"}));
    let batches: Vec<usize> = plan
        .jobs
        .iter()
        .filter_map(|job| match &job.to {
            Target::Alert { recipients } => Some(recipients.len()),
            _ => None,
        })
        .collect();
    assert_eq!(
        batches.iter().sum::<usize>(),
        1001,
        "1,000 people and the system"
    );
    assert!(
        batches.len() <= 3 && batches.iter().all(|size| *size <= ALERT_BATCH),
        "{batches:?}"
    );
}

#[test]
fn redacted_and_open_recipients_never_share_a_job() {
    let mut snapshot = snapshot(2);
    snapshot.users[1].superuser = false;
    let data = json!({"title": "T", "product": {"id": 7}, "recipients": ["user1", "user2"]});
    let plan = planned(snapshot, &data);
    let alerts: Vec<(bool, &Target)> = plan
        .jobs
        .iter()
        .map(|job| (job.redacted, &job.to))
        .collect();
    let one = Target::Alert {
        recipients: vec![Some(1)],
    };
    let other = Target::Alert {
        recipients: vec![Some(2)],
    };
    assert_eq!(alerts, [(false, &one), (true, &other)]);
    assert_eq!(plan.notes.redacted, ["user2"]);
}

#[test]
fn only_webhook_jobs_carry_thousands_of_findings() {
    let mut snapshot = snapshot(0);
    snapshot.destinations = vec![
        destination(1, Channel::Webhooks, None),
        destination(2, Channel::Mail, None),
    ];
    let findings: Vec<Value> = (0..2000)
        .map(|id| json!({"id": id, "title": "A finding", "severity": "Low"}))
        .collect();
    let plan = planned(
        snapshot,
        &json!({"title": "T", "findings": {"new": findings}}),
    );
    for job in &plan.jobs {
        let event: Value = serde_json::from_str(job.event.get()).unwrap();
        let kept = event["data"]["findings"]["new"].as_array().unwrap().len();
        if job.to.channel() == Channel::Webhooks {
            assert_eq!(kept, 2000);
        } else {
            assert_eq!(kept, 50);
            assert_eq!(
                event["data"]["findings_counts"]["new"], 2000,
                "the full count stays"
            );
        }
    }
    assert_eq!(plan.jobs.len(), 3);
}

#[test]
fn unknown_recipients_are_named_and_the_others_served() {
    let plan = planned(
        snapshot(1),
        &json!({"title": "T", "recipients": ["nobody", "user1", null, 77]}),
    );
    assert_eq!(plan.notes.unknown_recipients, ["#77", "nobody"]);
    assert!(
        plan.jobs
            .iter()
            .any(|job| matches!(&job.to, Target::Alert { recipients } if *recipients == [Some(1)]))
    );
}

#[test]
fn routing_an_event_twice_gives_the_same_ids() {
    let ids = || {
        planned(snapshot(3), &json!({"title": "T"}))
            .jobs
            .iter()
            .map(|job| job.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(), ids());
}

#[test]
fn an_event_travels_as_it_came() {
    let body = r#"{"specversion":"1.0","id":"1","source":"s","type":"other","data":{"title":"T","mine":[1, 2]}}"#;
    let raw = event::raw(body.as_bytes()).unwrap();
    assert_eq!(raw.get(), body);
}

#[test]
fn a_job_that_its_reader_wants_later_says_until_when_and_the_others_go_at_once() {
    let mut snapshot = snapshot(2);
    snapshot.destinations = vec![
        destination(4, Channel::Mail, Some(1)),
        destination(5, Channel::Webhooks, Some(1)),
        destination(6, Channel::Mail, Some(2)),
    ];
    let daily = Timetable {
        time_zone: chrono_tz::Tz::UTC,
        daily_at: chrono::NaiveTime::MIN,
        cadences: [(Column::Other, Cadence::Daily)].into(),
        quiet: None,
    };
    snapshot.timetables = Row::number([(Whose::User(1), daily)]);
    let plan = planned(snapshot, &json!({"title": "T"}));
    let held: Vec<i64> = plan
        .jobs
        .iter()
        .filter(|job| job.window.is_some())
        .filter_map(|job| Some(job.to.address()?.destination))
        .collect();
    assert_eq!(held, [4], "neither webhooks nor alerts nor somebody else");
    let until = plan.jobs.iter().find_map(|job| job.window);
    assert_eq!(plan.notes.held_until.get(&4).copied(), until);
}
