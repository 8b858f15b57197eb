//! `explain EVENT`, by its library door.

#![expect(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

use chrono::Utc;
use notifyctl::explain::Words;
use proto_events::directory::{
    Cadence, Delta, Destination, Filter, FilteredDestination, Limits, Member, Membership, Product,
    ProductType, Row, Rule, RuleChannels, RuleScope, Securable, Settings, Snapshot, Timetable,
    User, Whose,
};
use proto_events::{Channel, ChannelSet, Column, Event};
use rules::answer::NobodyCalled;
use rules::{Answer, Directory, Of, Policy};
use serde_json::{Value, json};

/// Ann is a member of product 4 and wants mail and slack of scans, Bob wants them too.
fn directory() -> Directory {
    let user = |id, name: &str| User {
        id,
        username: name.to_owned(),
        active: true,
        ..User::default()
    };
    let rule = |id, scope, channels: &[Channel]| {
        let mut rule = RuleChannels::NONE;
        let channels = channels.iter().copied().collect::<ChannelSet>();
        rule.set(Column::ScanAdded, channels);
        Rule {
            id,
            scope,
            channels: rule,
            limits: Limits::default(),
        }
    };
    let mail = |id, user, switched_off| Destination {
        id,
        channel: Channel::Mail,
        user,
        switched_off,
    };
    let team = |id, name: &str, product| FilteredDestination {
        destination: Destination {
            id,
            channel: Channel::Slack,
            user: None,
            switched_off: false,
        },
        name: name.to_owned(),
        filter: Filter {
            products: vec![product],
            ..Filter::default()
        },
    };
    let both = [Channel::Mail, Channel::Slack];
    Directory::new(Snapshot {
        users: vec![user(1, "ann"), user(2, "bob")],
        product_types: vec![ProductType {
            id: 1,
            name: "Port".to_owned(),
        }],
        products: vec![Product {
            id: 4,
            name: "Cranes".to_owned(),
            product_type: 1,
            tags: Vec::new(),
        }],
        memberships: Row::number([Membership {
            member: Member::User(1),
            of: Securable::Product(4),
            role: None,
        }]),
        rules: vec![
            rule(1, RuleScope::System, &[Channel::Slack, Channel::Mail]),
            rule(2, RuleScope::Personal { user: 1 }, &both),
            rule(3, RuleScope::Personal { user: 2 }, &both),
        ],
        settings: Settings {
            enable_mail_notifications: true,
            enable_slack_notifications: true,
            ..Settings::default()
        },
        destinations: vec![mail(11, Some(1), false), mail(12, None, true)],
        filtered: vec![team(21, "cranes", 4), team(22, "ships", 5)],
        ..Snapshot::default()
    })
}

fn scan(data: &Value) -> Event {
    let event =
        json!({"specversion": "1.0", "id": "1", "source": "s", "type": "scan_added", "data": data});
    Event::parse(event.to_string().as_bytes()).unwrap()
}

fn about(product: i64) -> Event {
    scan(&json!({"title": "T", "product": {"id": product, "name": "P"}}))
}

fn answer(event: &Event, user: Option<&str>) -> Result<String, NobodyCalled> {
    let of = user.map_or(Of::Everybody, Of::User);
    said(event, of)
}

fn said(event: &Event, of: Of<'_>) -> Result<String, NobodyCalled> {
    let answer = Answer::new(&directory(), &Policy::default(), event, of, Utc::now())?;
    Ok(Words(&answer).to_string())
}

#[test]
fn everybody_who_is_asked_has_a_paragraph_and_every_channel_a_line() {
    assert_eq!(
        answer(&about(4), None).unwrap(),
        "\
scan_added follows the column scan_added.

the system: the event names no recipients, so the system hears of it
  alert     no   system rule has no alert for scan_added
  mail      yes  system rule has mail for scan_added; but a person switched off where it would go
  slack     yes  system rule has slack for scan_added; but there is nowhere to send it
  msteams   no   system rule has no msteams for scan_added; msteams is switched off in System Settings
  webhooks  no   system rule has no webhooks for scan_added; webhooks is switched off in System Settings

ann: authorised for product 4
  alert     no   personal rule has no alert for scan_added
  mail      yes  personal rule has mail for scan_added
  slack     yes  personal rule has slack for scan_added; but there is nowhere to send it
  msteams   no   msteams is for the system alone
  webhooks  no   personal rule has no webhooks for scan_added; webhooks is switched off in System Settings

destinations with a filter:
  slack     yes  cranes: its filter lets the event through"
    );
}

#[test]
fn a_destination_whose_filter_points_elsewhere_can_be_asked_for() {
    let of = |name| said(&about(4), Of::Destination(name));
    assert_eq!(
        of("ships").unwrap(),
        "scan_added follows the column scan_added.\n\ndestinations with a filter:\n  \
         slack     no   ships: product 4 is not among its products: 5"
    );
    let error = of("boats").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no destination with a filter is called \"boats\""
    );
}

#[test]
fn somebody_who_is_not_asked_can_be_asked_for() {
    assert_eq!(
        answer(&about(4), Some("bob")).unwrap(),
        "scan_added follows the column scan_added.\n\nbob: not authorised for product 4"
    );
    let error = answer(&about(4), Some("eve")).unwrap_err();
    assert_eq!(error.to_string(), "nobody is called \"eve\"");
}

#[test]
fn what_the_directory_does_not_know_is_said() {
    let unknown = answer(&about(99), Some("ann")).unwrap();
    assert!(
        unknown.contains("is not known: the router waits"),
        "{unknown}"
    );
    let directed = scan(&json!({"title": "T", "recipients": ["eve", "bob"]}));
    let directed = answer(&directed, None).unwrap();
    assert!(directed.contains("\nnobody is called eve."), "{directed}");
    assert!(
        directed.contains("\n\nbob: named by the event\n"),
        "{directed}"
    );
}

#[test]
fn programs_read_the_same_as_one_object() {
    let (directory, event) = (directory(), about(4));
    let of = Of::User("ann");
    let answer = Answer::new(&directory, &Policy::default(), &event, of, Utc::now()).unwrap();
    let object = serde_json::to_value(&answer).unwrap();
    assert_eq!(
        object["receivers"][0]["channels"][1],
        json!({"channel": "mail", "told": true, "reasons": ["personal rule has mail for scan_added"], "destinations": [11]})
    );
    assert_eq!(object["receivers"][0]["user"], "ann");
    assert_eq!(object["receivers"][0]["redacted"], false);
}

#[test]
fn what_is_held_back_says_for_what_and_until_when() {
    let daily = Timetable {
        time_zone: chrono_tz::Tz::Europe__Berlin,
        daily_at: chrono::NaiveTime::from_hms_opt(8, 0, 0).unwrap(),
        cadences: [(Column::ScanAdded, Cadence::Daily)].into(),
        quiet: None,
    };
    let directory = directory().apply(Delta {
        now: Snapshot {
            settings: directory().settings().clone(),
            timetables: Row::number([
                (Whose::User(1), daily.clone()),
                (Whose::Destination(21), daily),
            ]),
            ..Snapshot::default()
        },
        ..Delta::default()
    });
    let now = "2026-11-26T12:00:00Z".parse().unwrap();
    let answer = Answer::new(
        &directory,
        &Policy::default(),
        &about(4),
        Of::Everybody,
        now,
    );
    let said = Words(&answer.unwrap()).to_string();
    let held = "held for the daily digest at 08:00 Europe/Berlin (2026-11-27T07:00:00Z)";
    for line in [
        format!("mail      yes  personal rule has mail for scan_added; {held}"),
        format!("slack     yes  cranes: its filter lets the event through; {held}"),
    ] {
        assert!(said.contains(&line), "{said}");
    }
    assert_eq!(said.matches("held for").count(), 2, "{said}");
}
