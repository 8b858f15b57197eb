//! What no client should send: always a clear 4xx, never a 5xx.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::desk::{ADMIN, Desk, MEI, answer};

/// Every path that takes a body.
const WRITTEN: [(&str, &str); 14] = [
    ("POST", "/notifications/"),
    ("PUT", "/notifications/1/"),
    ("PATCH", "/notifications/1/"),
    ("POST", "/notification_webhooks/"),
    ("PATCH", "/notification_webhooks/1/"),
    ("PUT", "/system_settings/1/"),
    ("PATCH", "/system_settings/1/"),
    ("POST", "/alerts/mark_read/"),
    ("POST", "/alerts/remove/"),
    ("POST", "/events/"),
    ("POST", "/explain/"),
    ("POST", "/destinations/"),
    ("PATCH", "/destinations/1/"),
    ("POST", "/test_send/"),
];

/// Names that some resource reads.
const FIELDS: [&str; 24] = [
    "id",
    "user",
    "product",
    "template",
    "scan_added",
    "scan_added_empty",
    "product_type",
    "group",
    "minimum_severity",
    "name",
    "url",
    "owner",
    "header_value",
    "status",
    "slack_token",
    "team_name",
    "webhooks_notifications_timeout",
    "ids",
    "specversion",
    "type",
    "data",
    "channel",
    "filter",
    "destination",
];

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0_i64..10).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("\0")),
        Just(json!("<secret>")),
        Just(json!("x".repeat(5000))),
        Just(json!("mail")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(".{0,8}", inner, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Anything, or an object of known names with anything in them.
fn body() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(FIELDS.to_vec()).prop_map(str::to_owned);
    let known = btree_map(names, anything(), 0..8);
    prop_oneof![
        1 => anything(),
        4 => known.prop_map(|members| members.into_iter().collect()),
    ]
}

#[test]
fn whatever_json_comes_the_answer_is_never_a_fault_of_ours() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let desk = runtime.block_on(Desk::open());
    let paths = prop::sample::select(WRITTEN.to_vec());
    let config = Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let person = prop_oneof![Just(ADMIN), Just(MEI)];
    let tried = TestRunner::new(config).run(
        &(paths, person, body()),
        |((method, path), person, body)| {
            let answer = runtime.block_on(desk.send(person, method, path, &body));
            prop_assert!(answer.status < 500, "{method} {path} {body}: {answer:?}");
            Ok(())
        },
    );
    tried.unwrap();
    // What the desk opened is closed where it was opened.
    runtime.block_on(async { drop(desk) });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_or_offset_that_is_none_is_named_and_a_huge_one_bounded() {
    let desk = Desk::open().await;
    for path in [
        "/users/",
        "/notifications/",
        "/alerts/",
        "/events/",
        "/deliveries/",
        "/dead_letters/",
        "/destinations/",
        "/system_settings/",
    ] {
        for (name, value) in [
            ("limit", "-1"),
            ("limit", "0"),
            ("limit", "ten"),
            ("limit", "1.5"),
            ("limit", "%00"),
            ("offset", "-4"),
            ("offset", "x"),
            ("offset", "1e3"),
        ] {
            let refused = desk
                .ask(ADMIN, "GET", &format!("{path}?{name}={value}"))
                .await;
            assert_eq!(refused.status, 400, "{path} {name}={value}");
            assert!(refused.body[name][0].is_string(), "{refused:?}");
        }
        for query in [
            "limit=99999999999999999999999999",
            "offset=99999999999999999999999999",
            "limit=&offset=",
            "limit=4294967296",
        ] {
            let page = desk.read(ADMIN, &format!("{path}?{query}")).await;
            assert!(page["results"].is_array(), "{path}?{query}: {page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_none_is_named() {
    let desk = Desk::open().await;
    for (path, name) in [
        ("/notifications/", "user"),
        ("/notifications/", "template"),
        ("/users/", "is_active"),
        ("/products/", "prod_type"),
        ("/deliveries/", "channel"),
        ("/deliveries/", "state"),
        ("/deliveries/", "job"),
        ("/deliveries/", "since"),
        ("/dead_letters/", "service"),
        ("/dead_letters/", "reason"),
        ("/alerts/", "read"),
        ("/events/", "until"),
        ("/destinations/", "channel"),
        ("/notification_webhooks/", "status"),
    ] {
        for value in ["%27%3B--", "x", "%F0%9F%A6%80", "99999999999999999999"] {
            let refused = desk
                .ask(ADMIN, "GET", &format!("{path}?{name}={value}"))
                .await;
            assert_eq!(refused.status, 400, "{path}?{name}={value}");
            assert!(refused.body[name][0].is_string(), "{refused:?}");
        }
    }
    // A text can be anything.
    for query in ["name=%00", "name=%FF", "tags=%27"] {
        assert_eq!(
            desk.read(ADMIN, &format!("/products/?{query}")).await["count"],
            0
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_none_is_the_id_of_nothing() {
    let desk = Desk::open().await;
    for path in [
        "/notifications/",
        "/users/",
        "/alerts/",
        "/dead_letters/",
        "/products/",
        "/events/",
        "/system_settings/",
    ] {
        for id in [
            "0",
            "-1",
            "x",
            "99999999999999999999999",
            "%00",
            "%27",
            "..%2f",
        ] {
            let answer = desk.ask(ADMIN, "GET", &format!("{path}{id}/")).await;
            assert_eq!(answer.status, 404, "{path}{id}/: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_of_another_kind_or_too_long_is_refused() {
    let desk = Desk::open().await;
    for (method, path) in WRITTEN {
        let send = |media_type: &'static str, body: Vec<u8>| {
            answer(
                desk.by(ADMIN, method, path)
                    .header("Content-Type", media_type)
                    .body(body),
            )
        };
        let missing = path.contains("/1/") && desk.ask(ADMIN, "GET", path).await.status == 404;
        for text in ["{", "[1,", "\u{feff}{}", "nul", "{\"a\":1}}"] {
            let refused = send("application/json", text.into()).await;
            assert_eq!(refused.status, 400, "{method} {path} {text}: {refused:?}");
        }
        assert_eq!(send("application/json", vec![0xff, 0xfe]).await.status, 400);
        let deep = "[".repeat(100_000);
        assert_eq!(send("application/json", deep.into()).await.status, 400);
        assert_eq!(send("text/plain", "{}".into()).await.status, 415);
        assert_eq!(
            send("application/x-www-form-urlencoded", "a=1".into())
                .await
                .status,
            415
        );
        let large = send("application/json", vec![b' '; 10_000_000]).await;
        assert_eq!(large.status, 413, "{method} {path}, missing: {missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_announces_more_than_it_sends_or_a_huge_head_is_let_go() {
    let desk = Desk::open().await;
    let head = |more: &str| {
        format!(
            "POST /api/v2/events/ HTTP/1.1\r\nHost: x\r\nAuthorization: Token {}\r\nContent-Type: application/json\r\n{more}\r\n",
            desk.token(ADMIN)
        )
    };
    let too_long = exchange(&desk, &head("Content-Length: 10000000\r\n")).await;
    assert!(too_long.starts_with("HTTP/1.1 413"), "{too_long}");
    let huge = format!("X-Large: {}\r\nContent-Length: 0\r\n", "x".repeat(200_000));
    let refused = exchange(&desk, &head(&huge)).await;
    assert!(refused.starts_with("HTTP/1.1 431"), "{refused}");
    let nonsense = exchange(&desk, "EHLO mail.example\r\n\r\n").await;
    assert!(nonsense.starts_with("HTTP/1.1 400"), "{nonsense}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_ends_its_head_is_let_go() {
    let desk = Desk::open().await;
    let answer = exchange(&desk, "GET /api/v2/users/ HTTP/1.1\r\nHost: x\r\n").await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
}

/// Writes bytes and reads the beginning of what comes back.
async fn exchange(desk: &Desk, text: &str) -> String {
    let mut stream = TcpStream::connect(&desk.address).await.unwrap();
    // The server may have answered before it has read all of it.
    let _ = stream.write_all(text.as_bytes()).await;
    let mut answer = vec![0; 1024];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}
