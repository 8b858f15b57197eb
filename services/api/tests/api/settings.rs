//! System Settings, and their secrets.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::desk::{ADMIN, Desk};

const PATH: &str = "/system_settings/1/";

async fn change(desk: &Desk, method: &str, body: &Value) -> Value {
    let answer = desk.send(ADMIN, method, PATH, body).await;
    assert_eq!(answer.status, 200, "{body}: {answer:?}");
    answer.body
}

async fn token(desk: &Desk) -> Option<String> {
    let token = desk.store().delivery_settings().await.unwrap().slack_token;
    token.unwrap().map(|token| token.expose_secret().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_written_and_never_read_left_when_written_back_and_cleared_by_null() {
    let desk = Desk::open().await;
    let set = change(&desk, "PATCH", &json!({"slack_token": "xoxb-1"})).await;
    assert_eq!(set["slack_token"], "<secret>");
    assert_eq!(set["msteams_url"], Value::Null);
    assert_eq!(token(&desk).await.as_deref(), Some("xoxb-1"));
    change(&desk, "PUT", &set).await;
    change(&desk, "PUT", &json!({"team_name": "Hafen"})).await;
    assert_eq!(token(&desk).await.as_deref(), Some("xoxb-1"));
    let cleared = change(&desk, "PATCH", &json!({"slack_token": null})).await;
    assert_eq!(
        (&cleared["slack_token"], token(&desk).await),
        (&Value::Null, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_named_stays_with_patch_and_becomes_the_default_with_put() {
    let desk = Desk::open().await;
    let both = json!({"team_name": "Hafen", "engagement_auto_close_days": 9});
    change(&desk, "PATCH", &both).await;
    let patched = change(&desk, "PATCH", &json!({"enable_slack_notifications": true})).await;
    assert_eq!(patched["team_name"], "Hafen");
    assert_eq!(patched["engagement_auto_close_days"], 9);
    let put = change(&desk, "PUT", &json!({"enable_slack_notifications": true})).await;
    assert_eq!(put["team_name"], "");
    assert_eq!(put["engagement_auto_close_days"], 3);
    assert_eq!(
        desk.read(ADMIN, "/system_settings/").await["results"][0],
        put
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_value_that_cannot_be_used_is_named() {
    let desk = Desk::open().await;
    let wrong = json!({
        "team_name": "n".repeat(101), "email_from": 5, "enable_mail_notifications": "perhaps",
        "risk_acceptance_form_default_days": "soon", "not_ours": [1]
    });
    let refused = desk.send(ADMIN, "PATCH", PATH, &wrong).await;
    assert_eq!(refused.status, 400);
    let named: Vec<&String> = refused.body.as_object().unwrap().keys().collect();
    assert_eq!(
        named,
        [
            "email_from",
            "enable_mail_notifications",
            "risk_acceptance_form_default_days"
        ]
    );
    for (field, value) in [
        ("team_name", json!("n".repeat(101))),
        ("webhooks_notifications_timeout", json!(0)),
        ("webhooks_notifications_timeout", json!(4_000_000_000_u32)),
        ("webhooks_notifications_timeout", json!(-1)),
        ("engagement_auto_close_days", json!(-1)),
        ("engagement_auto_close_days", json!(1e99)),
        ("msteams_url", json!("u".repeat(401))),
    ] {
        let refused = desk
            .send(ADMIN, "PATCH", PATH, &json!({field: value}))
            .await;
        assert_eq!(refused.status, 400, "{field} {value}: {refused:?}");
        assert!(refused.body[field][0].is_string(), "{refused:?}");
    }
}
