use std::collections::BTreeSet;

use proto_events::directory::User;
use proto_events::ids;
use sqlx::Row;
use store::{AlertsWritten, NewAlert};

use crate::support::{connect, scratch, sql, user};

fn alert(event_id: &str, user: Option<i64>) -> NewAlert {
    NewAlert {
        id: ids::alert("https://dojo.example", event_id, user),
        user,
        title: "Scan added".to_owned(),
        description: "12 findings".to_owned(),
        url: Some("/test/1".to_owned()),
        icon: "info-circle".to_owned(),
        source: "Scan Added".to_owned(),
        event_source: "https://dojo.example".to_owned(),
        event_id: event_id.to_owned(),
    }
}

fn written(inserted: usize, gone: impl Into<BTreeSet<i64>>) -> AlertsWritten {
    AlertsWritten {
        inserted,
        gone: gone.into(),
    }
}

#[tokio::test]
async fn an_alert_is_written_once_however_often_it_comes() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[user(1, "alice")]).await.unwrap();
    let batch = [
        alert("e1", Some(1)),
        alert("e1", None),
        alert("e1", Some(1)),
    ];
    assert_eq!(store.insert_alerts(&batch).await.unwrap(), written(2, []));
    assert_eq!(store.insert_alerts(&batch).await.unwrap(), written(0, []));
    sql(&scratch, "UPDATE alerts SET removed_at = now()")
        .await
        .unwrap();
    assert_eq!(store.insert_alerts(&batch).await.unwrap(), written(0, []));
    assert_eq!(
        sql(&scratch, "SELECT FROM alerts WHERE removed_at IS NULL")
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn recipients_who_are_not_there_are_skipped_and_reported_and_the_others_served() {
    let scratch = scratch().await;
    let store = scratch.store();
    let inactive = User {
        active: false,
        ..user(2, "bob")
    };
    store
        .put_users(&[user(1, "alice"), inactive, user(3, "carol")])
        .await
        .unwrap();
    store.delete_users(&[3]).await.unwrap();
    let batch: Vec<NewAlert> = [1, 2, 3, 4].map(|id| alert("e1", Some(id))).to_vec();
    assert_eq!(
        store.insert_alerts(&batch).await.unwrap(),
        written(1, [2, 3, 4])
    );
    assert_eq!(store.insert_alerts(&[]).await.unwrap(), written(0, []));
}

#[tokio::test]
async fn texts_are_cut_to_defectdojos_limits_by_characters_and_a_nul_is_shown() {
    let scratch = scratch().await;
    let long = NewAlert {
        title: format!("\0{}", "ž".repeat(300)),
        description: "d".repeat(3000),
        url: Some("u".repeat(2001)),
        icon: "i".repeat(30),
        source: "s".repeat(101),
        event_id: "e".repeat(10_000),
        ..alert("e1", None)
    };
    assert_eq!(
        scratch.store().insert_alerts(&[long]).await.unwrap(),
        written(1, [])
    );
    let row = sqlx::query(
        "SELECT title, length(description), url, length(icon), length(source) FROM alerts",
    )
    .fetch_one(&mut connect(&scratch).await)
    .await
    .unwrap();
    assert_eq!(row.get::<String, _>(0), format!("␀{}", "ž".repeat(249)));
    assert_eq!(
        (row.get::<i32, _>(1), row.get::<Option<String>, _>(2)),
        (2000, None)
    );
    assert_eq!((row.get::<i32, _>(3), row.get::<i32, _>(4)), (25, 100));
}
