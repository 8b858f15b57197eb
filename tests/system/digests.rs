//! Digests and quiet hours, from the choice to the mail, on real servers: held jobs are released
//! at times that tests choose, and at the end by the scheduler's own process.

mod command;
mod replicas;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveTime, TimeDelta, Timelike as _, Utc};
use notifyctl::stage::receivers::Received;
use proto_events::directory::{Cadence, QuietHours, Timetable, User, Whose};
use proto_events::{Channel, Column, Service};
use rules::Policy;
use schedule::{Holding, Released};
use store::scheduling::held::HeldJobs;
use system_tests::look::{about_cranes, alerted, received, targets};
use system_tests::play::{MEI, Opening, Play, person, play_with, until};

use crate::bad_input::filed;

/// Plays a test with mails only, and a scheduler that keeps what is held.
async fn play<F: Future<Output = ()>>(test: impl FnOnce(Play) -> F) {
    let opening = Opening {
        services: vec![
            Service::EventRouter,
            Service::AlertWriter,
            Service::EmailSender,
            Service::Scheduler,
        ],
        ..Opening::default()
    };
    play_with(opening, async |play: Play| {
        let settings = proto_events::directory::Settings {
            enable_slack_notifications: false,
            enable_msteams_notifications: false,
            enable_webhooks_notifications: false,
            ..system_tests::play::settings()
        };
        play.store().put_settings(&settings).await.unwrap();
        test(play).await;
    })
    .await;
}

/// A time of day so many hours from now, in whole minutes.
fn hour(hours: i64) -> NaiveTime {
    let time = (Utc::now() + TimeDelta::hours(hours)).time();
    NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap()
}

/// Everything about tests once a day, at a time that is half a day away.
fn daily() -> Timetable {
    Timetable {
        time_zone: chrono_tz::Tz::UTC,
        daily_at: hour(12),
        cadences: BTreeMap::from([(Column::TestAdded, Cadence::Daily)]),
        quiet: None,
    }
}

/// Quiet from an hour ago until half a day from now.
fn quiet() -> Timetable {
    Timetable {
        cadences: BTreeMap::new(),
        quiet: Some(QuietHours {
            from: hour(-1),
            to: hour(12),
            breaks_through: None,
        }),
        ..daily()
    }
}

async fn chosen(play: &Play, whose: Whose, timetable: &Timetable) {
    play.store().put_timetable(whose, timetable).await.unwrap();
    play.in_force().await;
}

/// Waits until this many jobs are held back.
async fn held(play: &Play, jobs: i64) -> HeldJobs {
    until("the held jobs", async || {
        let held = play.store().held(Utc::now()).await.unwrap();
        (held.jobs == jobs).then_some(held)
    })
    .await
}

/// What is due tomorrow is published, by nobody but this test.
async fn tomorrow(play: &mut Play) -> Released {
    if play.fleet.process_id(Service::Scheduler).is_some() {
        play.fleet.kill(Service::Scheduler).await.unwrap();
    }
    let holding = Holding {
        store: play.store(),
        publisher: &play.publisher,
        names: play.world.names(),
        policy: &Policy::default(),
    };
    let tomorrow = Utc::now() + TimeDelta::hours(30);
    holding.release(tomorrow).await.unwrap()
}

fn to_mei(mails: &[Arc<Received>]) -> Vec<&Received> {
    let mails = mails.iter().map(Arc::as_ref);
    mails
        .filter(|mail| mail.to == "mei@hafen.example")
        .collect()
}

#[tokio::test]
async fn what_one_wants_daily_comes_in_one_mail_and_others_and_alerts_have_it_at_once() {
    play(async |mut play: Play| {
        chosen(&play, Whose::User(MEI), &daily()).await;
        let first = play.publish("test_added", about_cranes()).await;
        let second = play.publish("test_added", about_cranes()).await;
        for event in [&first, &second] {
            alerted(&play, event, &[None, Some("admin"), Some("mei")]).await;
        }
        held(&play, 2).await;
        // The system's and admin's, of both events.
        assert!(to_mei(&received(&play, 4).await).is_empty());
        let released = tomorrow(&mut play).await;
        assert_eq!((released.digests, released.singles), (1, 0));
        let mails = received(&play, 5).await;
        let [digest] = to_mei(&mails)[..] else {
            panic!("one mail: {:?}", targets(&mails))
        };
        assert!(
            digest.body.contains("2 notices about Cranes"),
            "{}",
            digest.body
        );
        assert_eq!(tomorrow(&mut play).await, Released::default());
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn one_message_that_quiet_hours_put_off_comes_out_as_that_very_job() {
    play(async |mut play: Play| {
        chosen(&play, Whose::User(MEI), &quiet()).await;
        let event = play.publish("test_added", about_cranes()).await;
        held(&play, 1).await;
        let released = tomorrow(&mut play).await;
        assert_eq!((released.digests, released.singles), (0, 1));
        let entries = system_tests::look::settled(&play, &event, 3).await;
        let mails = received(&play, 3).await;
        let [mail] = to_mei(&mails)[..] else {
            panic!("one mail: {:?}", targets(&mails))
        };
        let entry = entries
            .iter()
            .find(|entry| entry.recipient.as_deref() == Some("mei"));
        assert_eq!(mail.job, Some(entry.unwrap().job));
        assert!(mail.body.contains("Test created for Cranes"));
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn whoever_left_or_lost_access_before_the_digest_came_is_not_told_and_nothing_empty_is_sent()
{
    play(async |mut play: Play| {
        chosen(&play, Whose::User(MEI), &daily()).await;
        for _ in 0..2 {
            play.publish("test_added", about_cranes()).await;
        }
        held(&play, 2).await;
        received(&play, 4).await;
        let left = User {
            active: false,
            ..person(MEI, "mei")
        };
        play.store().put_users(&[left]).await.unwrap();
        let released = tomorrow(&mut play).await;
        assert_eq!((released.digests, released.singles), (0, 0));
        assert_eq!(released.dropped.len(), 2);
        held(&play, 0).await;
        let mails = received(&play, 4).await;
        assert!(to_mei(&mails).is_empty());
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_destination_of_the_system_has_a_digest_of_its_own() {
    play(async |mut play: Play| {
        let directory = play.store().load_directory().await.unwrap();
        let mut own = directory.destinations.iter();
        let own = own.find(|it| it.channel == Channel::Mail && it.user.is_none());
        chosen(&play, Whose::Destination(own.unwrap().id), &daily()).await;
        for _ in 0..3 {
            play.publish("test_added", about_cranes()).await;
        }
        held(&play, 3).await;
        assert_eq!(tomorrow(&mut play).await.digests, 1);
        let mails = received(&play, 7).await;
        let mut to_team = mails.iter().filter(|mail| mail.to == "team@hafen.example");
        let digest = to_team.next().unwrap();
        assert!(digest.body.contains("3 notices about Cranes"));
        assert!(to_team.next().is_none());
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_job_or_cannot_be_held_back_is_filed_with_a_sentence() {
    play(async |play: Play| {
        let names = play.world.names();
        for body in [&b"no job"[..], br#"{"version": 99}"#] {
            let message = chassis::broker::Outgoing {
                exchange: names.jobs(),
                routing_key: proto_events::Names::SCHEDULED.to_owned(),
                content_type: proto_events::job::CONTENT_TYPE,
                message_id: String::new(),
                headers: chassis::broker::Headers::first(0, None),
                body: body.to_vec(),
            };
            system_tests::play::confirmed(&play.publisher, &[message]).await;
        }
        let letters = filed(&play, 2).await;
        assert!(
            letters
                .iter()
                .all(|it| it.service == Service::Scheduler.as_str())
        );
        held(&play, 0).await;
        play.end().await;
    })
    .await;
}
