//! What is no change is kept with words that a person understands, and nothing of it is written.

use proto_events::{Reason, Service};
use serde_json::{Value, json};

use super::{Database, change, play_sync, publish};
use crate::bad_input::{assert_filed, filed};

type Expected = (Vec<u8>, Reason, &'static [&'static str]);

/// A good change with one member set to something else.
fn but(pointer: &str, value: Value) -> Vec<u8> {
    let mut good = json!({"kind": "user", "action": "upsert", "at": "2026-11-20T08:00:00Z",
        "version": 1, "object": {"id": 900, "username": "bad", "active": true, "superuser": false}});
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    good.pointer_mut(parent).unwrap()[name] = value;
    good.to_string().into_bytes()
}

fn unreadable() -> Vec<Expected> {
    let cases: Vec<(Vec<u8>, &'static [&'static str])> = vec![
        (b"hello".to_vec(), &["not JSON"]),
        (b"{\"kind\":\"user\",".to_vec(), &["not JSON"]),
        (b"\xff\xfe".to_vec(), &["not UTF-8"]),
        (b"[]".to_vec(), &["missing or wrong"]),
        (but("/kind", json!("planet")), &["kind", "planet", "user", "finding"]),
        (but("/action", json!("upset")), &["action", "upset", "upsert", "delete"]),
        (but("/at", json!("yesterday")), &["at", "missing or wrong"]),
        (but("/at", json!("2926-11-20T08:00:00Z")), &["at", "2926", "24 hours ahead"]),
        (but("/at", json!("0026-11-20T08:00:00Z")), &["at", "before 1970"]),
        (but("/object", json!("bad")), &["object", "bad"]),
        (but("/object/id", json!(-900)), &["object.id", "-900", "no id"]),
        (but("/object/id", json!(0)), &["object.id", "no id"]),
        (but("/object/id", json!(9.5e30)), &["object.id"]),
        (but("/object/username", json!("")), &["object.username", "empty"]),
        (but("/object/username", json!("x".repeat(1 << 20))), &["object.username", "1048576 bytes"]),
        (but("/object/superuser", json!("true")), &["object.superuser", "\"true\"", "boolean"]),
        (but("/object/global_role", json!("Emperor")), &["object.global_role", "Emperor"]),
        (
            change("membership", "upsert", "2026-11-20T08:00:00Z",
                &json!({"member": {"user": 1, "group": 1}, "of": {"product": 7}})).into_bytes(),
            &["object.member", "exactly one"],
        ),
        (
            change("finding", "upsert", "2026-11-20T08:00:00Z",
                &json!({"id": 1, "title": "T", "test": 1, "severity": "Awful", "date": "2026-01-01", "active": true}))
                .into_bytes(),
            &["object.severity", "Awful", "Critical"],
        ),
        (
            change("user", "delete", "2026-11-20T08:00:00Z", &json!({"username": "mei"})).into_bytes(),
            &["object", "id"],
        ),
    ];
    let filed = |(body, words)| (body, Reason::Unreadable, words);
    cases.into_iter().map(filed).collect()
}

#[tokio::test]
async fn what_is_no_change_is_kept_with_words_a_person_understands_and_nothing_of_it_is_written() {
    play_sync(async |play| {
        let mut cases = unreadable();
        cases.push((but("/version", json!(2)), Reason::NewerVersion, &["version 2", "update"]));
        let huge = but("/object/username", json!("x".repeat(5 << 20)));
        cases.push((huge, Reason::TooLarge, &["DD_MESSAGE_SIZE_LIMIT"]));
        let beyond = json!({"id": 6, "product": 7, "target_start": "2026-01-01", "target_end": "+123456-01-01"});
        let beyond = change("engagement", "upsert", "2026-11-20T08:00:00Z", &beyond);
        cases.push((beyond.into_bytes(), Reason::Refused, &["engagement 6", "+123456-01-01"]));
        let mut bodies: Vec<Vec<u8>> = cases.iter().map(|(body, ..)| body.clone()).collect();
        let good = |id: i64| {
            let group = json!({"id": id, "name": "good"});
            change("group", "upsert", "2026-11-20T08:00:00Z", &group).into_bytes()
        };
        bodies.insert(0, good(1));
        bodies.push(good(2));
        let before = play.store().load_directory().await.unwrap().users;
        publish(&play, bodies).await;
        let letters = filed(&play, cases.len()).await;
        assert_eq!(letters.len(), cases.len());
        assert_filed(&letters, Service::DirectorySync, &cases);
        let mut database = Database::of(&play).await;
        database.shows("SELECT id::text FROM groups ORDER BY id", &["1", "2"]).await;
        assert_eq!(play.store().load_directory().await.unwrap().users, before);
        database.shows("SELECT kind || key FROM directory_objects ORDER BY 1", &["group1", "group2"]).await;
        play.end().await;
    })
    .await;
}
