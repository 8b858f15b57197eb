//! Ids of people and misses are kept for all replicas, and not for ever.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod workspace;

use chrono::{TimeDelta, Utc};
use proto_events::directory::User;
use proto_events::{Outcome, Reason};
use slack_sender::channel::SlackChannel;
use store::SlackLookup;
use workspace::{ALICE, EMAIL, Team, deliver, task};

fn joins(team: &Team, id: &str) {
    let mut slack = team.slack.lock().unwrap();
    slack.people.insert(EMAIL.to_owned(), id.to_owned());
}

/// One message to the person.
async fn write(team: &Team, replica: &SlackChannel) -> Outcome {
    deliver(replica, task(team.person().await, 7)).await
}

/// Slack said this of the person so many hours ago.
async fn said(team: &Team, id: Option<&str>, hours: i64) {
    let lookup = SlackLookup {
        id: id.map(str::to_owned),
        at: Utc::now() - TimeDelta::hours(hours),
    };
    let store = team.scratch.store();
    store
        .remember_slack_lookup(ALICE, EMAIL, &lookup)
        .await
        .unwrap();
}

async fn the_directory_says(team: &Team, id: &str) {
    let alice = User {
        id: ALICE,
        username: "alice".to_owned(),
        slack_email: Some(EMAIL.to_owned()),
        slack_user_id: Some(id.to_owned()),
        active: true,
        ..User::default()
    };
    team.scratch.store().put_users(&[alice]).await.unwrap();
}

fn arrived(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
}

fn nobody(outcome: &Outcome) {
    assert!(
        matches!(outcome, Outcome::Rejected { reason, .. } if *reason == Reason::RecipientGone),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_person_is_looked_up_once_by_all_replicas() {
    let team = Team::new().await;
    joins(&team, "U1");
    let (one, other) = (team.replica(&[]), team.replica(&[]));
    for replica in [&one, &other, &one] {
        arrived(&write(&team, replica).await);
    }
    assert_eq!(team.lookups(), 1);
    assert!(team.posts().iter().all(|post| post.channel == "U1"));
}

#[tokio::test]
async fn a_miss_is_kept_for_an_hour_by_all_replicas_and_who_joins_then_is_found() {
    let team = Team::new().await;
    let (one, other) = (team.replica(&[]), team.replica(&[]));
    for replica in [&one, &other, &one] {
        nobody(&write(&team, replica).await);
    }
    assert_eq!(team.lookups(), 1);
    let aged = Team::new().await;
    said(&aged, None, 1).await;
    joins(&aged, "U1");
    arrived(&write(&aged, &aged.replica(&[])).await);
    assert_eq!(aged.lookups(), 1);
}

#[tokio::test]
async fn an_id_that_is_30_days_old_is_looked_up_again() {
    let team = Team::new().await;
    joins(&team, "U2");
    said(&team, Some("U1"), 30 * 24).await;
    arrived(&write(&team, &team.replica(&[])).await);
    assert_eq!(team.posts()[0].channel, "U2");
    assert_eq!(team.lookups(), 1);
}

#[tokio::test]
async fn an_id_that_slack_knows_no_more_is_replaced_within_the_same_attempt() {
    let team = Team::new().await;
    joins(&team, "U2");
    said(&team, Some("U1"), 2).await;
    let (one, other) = (team.replica(&[]), team.replica(&[]));
    for replica in [&one, &other] {
        arrived(&write(&team, replica).await);
    }
    assert_eq!(team.lookups(), 1);
}

#[tokio::test]
async fn the_directorys_id_needs_no_look_up_until_it_fails() {
    let team = Team::new().await;
    joins(&team, "U1");
    the_directory_says(&team, "U1").await;
    let replica = team.replica(&[]);
    arrived(&write(&team, &replica).await);
    assert_eq!(team.lookups(), 0);
    joins(&team, "U2");
    arrived(&write(&team, &replica).await);
    arrived(&write(&team, &replica).await);
    assert_eq!(team.lookups(), 1);
    assert_eq!(team.posts().last().unwrap().channel, "U2");
}

/// Else each message to somebody who has left would cost one of 50 look-ups a minute.
#[tokio::test]
async fn somebody_who_left_is_looked_up_once_an_hour() {
    let team = Team::new().await;
    the_directory_says(&team, "U1").await;
    let (one, other) = (team.replica(&[]), team.replica(&[]));
    for replica in [&one, &other, &one] {
        nobody(&write(&team, replica).await);
    }
    assert_eq!(team.lookups(), 1);
}
