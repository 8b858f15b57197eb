//! Endpoints: their secret, and what is done with them.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::desk::{ADMIN, Desk, MEI};

/// An endpoint that answers with this status.
async fn receiver(status: StatusCode) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(move || async move { status }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn add(desk: &Desk, url: &str) -> String {
    let hook = json!({"name": url, "url": url, "header_name": "X-Key", "header_value": "hunter2"});
    let made = desk
        .send(ADMIN, "POST", "/notification_webhooks/", &hook)
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    assert!(!made.body.to_string().contains("hunter2"), "{made:?}");
    format!("/notification_webhooks/{}/", made.body["id"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_value_is_never_read_left_when_written_back_and_cleared_by_null() {
    let desk = Desk::open().await;
    let path = add(&desk, "https://siem.hafen.example/in").await;
    let read = desk.read(ADMIN, &path).await;
    assert_eq!(read["header_value"], "<secret>");
    let kept = desk.send(ADMIN, "PUT", &path, &read).await;
    assert_eq!(kept.body["header_value"], "<secret>");
    let cleared = desk
        .send(ADMIN, "PATCH", &path, &json!({"header_value": null}))
        .await;
    assert_eq!(cleared.body["header_value"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_no_request_can_carry_is_refused_before_it_disables_the_endpoint() {
    let desk = Desk::open().await;
    let path = add(&desk, "https://siem.hafen.example/in").await;
    let bad = [
        (
            "header_name",
            "X-Key\r\nX-Other",
            "no name of an HTTP header",
        ),
        (
            "header_name",
            "Webhook-Signature",
            "which the sender sets itself",
        ),
        ("header_value", "one\r\nX-Other: two", "a line break"),
    ];
    for (field, value, words) in bad {
        let change = json!({ field: value });
        let refused = desk.send(ADMIN, "PATCH", &path, &change).await;
        assert_eq!(refused.status, 400, "{field} {value}");
        assert!(
            refused.body[field].to_string().contains(words),
            "{refused:?}"
        );
    }
    let long = json!({"header_value": "x".repeat(4001)});
    let refused = desk.send(ADMIN, "PATCH", &path, &long).await;
    assert_eq!(refused.status, 400);
    let read = desk.read(ADMIN, &path).await;
    assert_eq!(read["header_name"], "X-Key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_tells_how_the_endpoint_answers() {
    let desk = Desk::open().await;
    let well = add(&desk, &receiver(StatusCode::NO_CONTENT).await).await;
    let pinged = desk.ask(ADMIN, "POST", &format!("{well}ping/")).await;
    assert_eq!((pinged.status, &pinged.body["status"]), (200, &json!(204)));
    let ill = add(&desk, &receiver(StatusCode::BAD_GATEWAY).await).await;
    let refused = desk.ask(ADMIN, "POST", &format!("{ill}ping/")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.to_string().contains("502"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_switched_off_and_on_and_its_status_is_not_written_otherwise() {
    let desk = Desk::open().await;
    let path = add(&desk, &receiver(StatusCode::OK).await).await;
    let off = desk.ask(ADMIN, "POST", &format!("{path}deactivate/")).await;
    assert_eq!(off.body["status"], "inactive_permanent");
    let written = desk
        .send(
            ADMIN,
            "PATCH",
            &path,
            &json!({"status": "active", "note": "mine"}),
        )
        .await;
    assert_eq!(written.body["status"], "inactive_permanent");
    assert_ne!(written.body["note"], "mine");
    let listed = desk
        .read(ADMIN, "/notification_webhooks/?status=inactive_permanent")
        .await;
    assert_eq!(listed["count"], 1);
    let on = desk.ask(ADMIN, "POST", &format!("{path}activate/")).await;
    assert_eq!(
        (&on.body["status"], &on.body["note"]),
        (&json!("active"), &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_webhooks_may_not_go_to_is_refused() {
    let desk = Desk::open().await;
    for url in [
        "http://10.0.0.1/",
        "http://[::1]/",
        "ftp://hafen.example/",
        "http://u:p@hafen.example/",
        "http://",
        "x",
    ] {
        let hook = json!({"name": "n", "url": url});
        let refused = desk
            .send(ADMIN, "POST", "/notification_webhooks/", &hook)
            .await;
        assert_eq!(refused.status, 400, "{url}: {refused:?}");
        assert!(refused.body["url"][0].is_string(), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_made_once_replaced_ended_and_removed() {
    let desk = Desk::open().await;
    let path = add(&desk, "https://siem.hafen.example/in").await;
    let secret = format!("{path}secret/");
    let rotate = format!("{secret}rotate/");
    let early = desk.send(ADMIN, "POST", &rotate, &json!({})).await;
    assert_eq!(early.status, 409, "{early:?}");
    let made = desk.ask(ADMIN, "POST", &secret).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert!(made.body["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(made.body["webhook"]["signed"], true);
    assert_eq!(desk.ask(ADMIN, "POST", &secret).await.status, 409);
    let wrong = [
        json!({"overlap": -1}),
        json!({"overlap": 1e9}),
        json!({"overlap": "x"}),
        json!({"overlap": 2_592_001}),
    ];
    for body in wrong {
        let refused = desk.send(ADMIN, "POST", &rotate, &body).await;
        assert_eq!(
            (refused.status, refused.body["overlap"].is_array()),
            (400, true),
            "{body}: {refused:?}"
        );
    }
    let rotated = desk.send(ADMIN, "POST", &rotate, &json!({})).await;
    assert_ne!(rotated.body["secret"], made.body["secret"]);
    assert!(rotated.body["webhook"]["previous_signs_until"].is_string());
    let previous = format!("{secret}previous/");
    assert_eq!(desk.ask(ADMIN, "DELETE", &previous).await.status, 204);
    assert_eq!(desk.ask(ADMIN, "DELETE", &previous).await.status, 409);
    assert_eq!(desk.ask(ADMIN, "DELETE", &secret).await.status, 204);
    assert_eq!(desk.ask(ADMIN, "DELETE", &secret).await.status, 409);
    let read = desk.read(ADMIN, &path).await;
    assert_eq!(read["signed"], false);
    assert!(!read.to_string().contains("whsec_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_persons_secret_is_nobody_elses_to_make() {
    let desk = Desk::open().await;
    let path = add(&desk, "https://siem.hafen.example/in").await;
    for (method, action) in [
        ("POST", "secret/"),
        ("POST", "secret/rotate/"),
        ("DELETE", "secret/previous/"),
        ("DELETE", "secret/"),
    ] {
        let refused = desk.ask(MEI, method, &format!("{path}{action}")).await;
        assert_eq!(refused.status, 404, "{action}: {refused:?}");
    }
}
