//! What slack-sender has found out and begun.

use chrono::{DateTime, TimeDelta, Utc};
use proto_events::Service;
use proto_events::directory::User;
use store::{Place, SlackLookup, SlackThread, Store};

use crate::support::{scratch, sql, user};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn lookup(id: Option<&str>, seconds: i64) -> SlackLookup {
    SlackLookup {
        id: id.map(str::to_owned),
        at: at(seconds),
    }
}

async fn with_address(store: &Store, address: &str) {
    let alice = User {
        slack_email: Some(address.to_owned()),
        ..user(1, "alice")
    };
    store.put_users(&[alice]).await.unwrap();
}

/// What an attempt is told of Alice, whose destination is the first of Slack.
async fn known(store: &Store) -> Option<SlackLookup> {
    let ids: Vec<i64> = (1..=4).collect();
    let places = store
        .surroundings(Service::SlackSender, &ids)
        .await
        .unwrap()
        .places;
    let mut people = places.into_values().filter_map(|place| match place {
        Place::SlackUser { lookup, .. } => Some(lookup),
        _ => None,
    });
    people.next().unwrap()
}

#[tokio::test]
async fn the_newest_look_up_counts_for_the_address_it_was_made_of() {
    let scratch = scratch().await;
    let store = scratch.store();
    with_address(store, "a@slack").await;
    assert_eq!(known(store).await, None);
    for (said, counts) in [
        (lookup(None, 100), lookup(None, 100)),
        (lookup(Some("U1"), 200), lookup(Some("U1"), 200)),
        (lookup(None, 150), lookup(Some("U1"), 200)),
    ] {
        store
            .remember_slack_lookup(1, "a@slack", &said)
            .await
            .unwrap();
        assert_eq!(known(store).await, Some(counts));
    }
    with_address(store, "b@slack").await;
    assert_eq!(known(store).await, None);
}

#[tokio::test]
async fn a_look_up_of_somebody_who_is_gone_is_not_kept_and_goes_with_the_user() {
    let scratch = scratch().await;
    let store = scratch.store();
    with_address(store, "a@slack").await;
    let found = lookup(Some("U1"), 1);
    store
        .remember_slack_lookup(7, "x@slack", &found)
        .await
        .unwrap();
    store
        .remember_slack_lookup(1, "a@slack", &found)
        .await
        .unwrap();
    for statement in [
        "DELETE FROM rules WHERE user_id = 1",
        "DELETE FROM destinations WHERE user_id = 1",
        "DELETE FROM users WHERE id = 1",
    ] {
        assert!(sql(&scratch, statement).await.unwrap() > 0, "{statement}");
    }
    let left = sql(&scratch, "DELETE FROM slack_lookups").await.unwrap();
    assert_eq!(left, 0);
}

fn in_channel(channel: &str) -> SlackThread {
    SlackThread {
        destination: 3,
        engagement: 7,
        channel: channel.to_owned(),
    }
}

#[tokio::test]
async fn a_thread_is_begun_once_and_anew_when_its_message_is_gone_or_its_channel_is_another() {
    let scratch = scratch().await;
    let store = scratch.store();
    let (appsec, other) = (in_channel("#appsec"), in_channel("#other"));
    let begin = async |thread: &SlackThread, ts: &str, gone: Option<&str>| {
        store.begin_slack_thread(thread, ts, gone).await.unwrap();
        store.slack_thread(thread).await.unwrap()
    };
    assert_eq!(store.slack_thread(&appsec).await.unwrap(), None);
    assert_eq!(begin(&appsec, "1.1", None).await.as_deref(), Some("1.1"));
    // Another replica was second.
    assert_eq!(begin(&appsec, "1.2", None).await.as_deref(), Some("1.1"));
    // Two find the message gone; the first of them counts.
    assert_eq!(
        begin(&appsec, "1.3", Some("1.1")).await.as_deref(),
        Some("1.3")
    );
    assert_eq!(
        begin(&appsec, "1.4", Some("1.1")).await.as_deref(),
        Some("1.3")
    );
    assert_eq!(store.slack_thread(&other).await.unwrap(), None);
    assert_eq!(begin(&other, "2.1", None).await.as_deref(), Some("2.1"));
    assert_eq!(store.slack_thread(&appsec).await.unwrap(), None);
}
