//! Who rings whose bell.

use std::pin::pin;

use chrono::Utc;
use futures_util::poll;
use proto_events::ids;
use store::{AlertNews, NewAlert, Scratch, Whose};

use crate::support::{put_alice_and_bob, scratch, sql, user};

fn alert(event_id: &str, user: Option<i64>) -> NewAlert {
    NewAlert {
        id: ids::alert("ci", event_id, user),
        user,
        title: "Scan added".to_owned(),
        description: String::new(),
        url: None,
        icon: "info-circle".to_owned(),
        source: "Scan Added".to_owned(),
        event_source: "ci".to_owned(),
        event_id: event_id.to_owned(),
    }
}

/// A listener that listens.
async fn listening(scratch: &Scratch) -> AlertNews {
    let mut news = scratch.store().alert_news(None).unwrap();
    assert_eq!(news.next().await.unwrap(), Whose::Anybodys);
    news
}

#[tokio::test]
async fn whoever_got_or_lost_an_alert_is_named_once_a_batch_and_nobody_else() {
    let scratch = scratch().await;
    let store = scratch.store();
    put_alice_and_bob(store).await;
    let mut news = listening(&scratch).await;
    let batch = [
        alert("e1", Some(1)),
        alert("e1", None),
        alert("e2", Some(1)),
        alert("e1", Some(2)),
        alert("e1", Some(3)),
    ];
    store.insert_alerts(&batch).await.unwrap();
    assert_eq!(news.next().await.unwrap(), Whose::Theirs(vec![1, 2]));
    // Nothing is new, nobody has that one, and what belongs to nobody rings no bell.
    store.insert_alerts(&batch).await.unwrap();
    store.remove_alerts(2, Some(&[batch[0].id])).await.unwrap();
    store.insert_alerts(&[alert("e3", None)]).await.unwrap();
    store.remove_alerts(2, None).await.unwrap();
    assert_eq!(news.next().await.unwrap(), Whose::Theirs(vec![2]));
    store.trim_alerts(1, Utc::now()).await.unwrap();
    assert_eq!(news.next().await.unwrap(), Whose::Theirs(vec![1]));
    assert!(poll!(pin!(news.next())).is_pending());
}

#[tokio::test]
async fn more_people_than_a_notification_can_name_are_anybody() {
    let scratch = scratch().await;
    let people: Vec<_> = (100_000..102_000)
        .map(|id| user(id, &format!("user{id}")))
        .collect();
    scratch.store().put_users(&people).await.unwrap();
    let mut news = listening(&scratch).await;
    let batch: Vec<_> = people
        .iter()
        .map(|person| alert("e1", Some(person.id)))
        .collect();
    let written = scratch.store().insert_alerts(&batch).await.unwrap();
    assert_eq!(written.inserted, 2000);
    assert_eq!(news.next().await.unwrap(), Whose::Anybodys);
}

#[tokio::test]
async fn a_listener_that_was_cut_off_says_that_it_missed_something() {
    let scratch = scratch().await;
    let mut news = listening(&scratch).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    assert_eq!(sql(&scratch, cut).await.unwrap(), 1);
    assert_eq!(news.next().await.unwrap(), Whose::Anybodys);
}
