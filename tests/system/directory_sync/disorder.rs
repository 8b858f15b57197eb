//! Whatever the order, the newest counts.

use std::io::Write as _;
use std::process::Stdio;

use proto_events::Service;
use serde_json::json;
use system_tests::look::alerted;
use system_tests::play::PATIENCE;

use super::{Database, FIXTURE, change, play_sync, publish};
use crate::operator::{notifyctl, words};

/// What is there once the fixture is applied.
const FINDINGS: &str = "SELECT id || ' ' || severity || ' of product ' || product || ', due '
                        || coalesce(sla_expiration_date::text, 'never') FROM live_findings ORDER BY id";
const DUE: &[&str] = &["5011 High of product 71, due 2026-11-25"];

#[tokio::test]
async fn changes_in_any_order_with_copies_end_in_the_same_rows_and_the_router_follows() {
    play_sync(async |play| {
        let mut random = fastrand::Rng::with_seed(7);
        let mut lines: Vec<&str> = FIXTURE.lines().chain(FIXTURE.lines()).collect();
        random.shuffle(&mut lines);
        publish(&play, lines).await;
        let mut database = Database::of(&play).await;
        database.shows(FINDINGS, DUE).await;
        let members = "SELECT concat_ws(' ', user_id, group_id, product_id, product_type_id, role)
                       FROM memberships WHERE product_id = 71 OR product_type_id = 11 ORDER BY id";
        let expect = |mut rows: Vec<String>| {
            rows.sort();
            rows
        };
        system_tests::play::until("both memberships", async || {
            let mut database = Database::of(&play).await;
            let rows = expect(database.texts(members).await);
            (rows == ["101 71 Writer", "51 11 Reader"]).then_some(())
        })
        .await;
        database
            .shows(
                "SELECT name || accepted_findings::text FROM live_risk_acceptances",
                &["Until the relaunch{5012}"],
            )
            .await;
        play.in_force().await;
        let event = play
            .publish(
                "test_added",
                json!({"title": "T", "product_type": {"id": 11, "name": "Port Systems"},
                                          "product": {"id": 71, "name": "Berth Planner"}}),
            )
            .await;
        // One by a membership of the product, one by a group's of its type; the admin sees everything.
        alerted(
            &play,
            &event,
            &[None, Some("admin"), Some("amara"), Some("jonas")],
        )
        .await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_tombstone_holds_an_older_change_back_and_lets_a_newer_one_pass() {
    play_sync(async |play| {
        let mut database = Database::of(&play).await;
        let named = |name: &str| json!({"id": 60, "name": name});
        let all = "SELECT name FROM groups ORDER BY id";
        // They are taken in this order, so that with the last one all are dealt with.
        publish(
            &play,
            [
                change(
                    "group",
                    "delete",
                    "2026-11-20T08:00:02Z",
                    &json!({"id": 60}),
                ),
                change("group", "upsert", "2026-11-20T08:00:01Z", &named("too old")),
                change(
                    "group",
                    "upsert",
                    "2026-11-20T08:00:01Z",
                    &json!({"id": 61, "name": "after it"}),
                ),
            ],
        )
        .await;
        database.shows(all, &["after it"]).await;
        publish(
            &play,
            [change(
                "group",
                "upsert",
                "2026-11-20T08:00:03Z",
                &named("newer"),
            )],
        )
        .await;
        database.shows(all, &["newer", "after it"]).await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_service_that_is_killed_at_work_loses_nothing() {
    play_sync(async |mut play| {
        let user = |id: i64| json!({"id": id, "username": format!("user-{id}"), "active": true});
        let users = (1000..4000).map(|id| change("user", "upsert", "2026-11-20T08:00:00Z", &user(id)));
        publish(&play, users).await;
        play.fleet.restart(Service::DirectorySync, PATIENCE).await.unwrap();
        let mut database = Database::of(&play).await;
        database
            .shows("SELECT count(*) || ' ' || count(DISTINCT user_id) FROM rules JOIN users ON users.id = user_id
                    WHERE username LIKE 'user-%' AND scope = 'personal'",
                   &["3000 3000"])
            .await;
        assert_eq!(play.store().dead_letters().await.unwrap().len(), 0);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_person_publishes_changes_with_notifyctl() {
    play_sync(async |play| {
        let publish = |text: &'static str| {
            let mut child = notifyctl(&["directory", "publish", "-"])
                .env("DD_BROKER_PREFIX", play.world.names().to_string())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            child.wait_with_output().unwrap()
        };
        let output = publish(FIXTURE);
        assert!(output.status.success(), "{}", words(&output));
        assert!(words(&output).contains("14 changes published and confirmed."), "{}", words(&output));
        Database::of(&play).await.shows(FINDINGS, DUE).await;
        let broken = publish("{\"kind\":\"planet\",\"action\":\"upsert\",\"at\":\"2026-11-20T08:00:00Z\",\"object\":{}}");
        assert!(!broken.status.success());
        assert!(words(&broken).contains("line 1") && words(&broken).contains("planet"), "{}", words(&broken));
        play.end().await;
    })
    .await;
}
