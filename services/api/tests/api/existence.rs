//! Who exists is told to superusers alone.

use serde_json::{Value, json};

use crate::desk::{CRANES, Desk, MEI, OUTSIDER};

/// An id that is nobody's.
const NOBODY: i64 = 999;

async fn refusal(desk: &Desk, path: &str, body: &Value) -> Value {
    let refused = desk.send(MEI, "POST", path, body).await;
    assert_eq!(refused.status, 400, "{body}: {refused:?}");
    refused.body
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_somebody_and_one_of_nobody_are_refused_alike() {
    let desk = Desk::open().await;
    let rule = |user: i64| json!({"user": user, "product": CRANES});
    let one = refusal(&desk, "/notifications/", &rule(OUTSIDER)).await;
    let none = refusal(&desk, "/notifications/", &rule(NOBODY)).await;
    assert_eq!(one, none);

    let group = refusal(&desk, "/notifications/", &json!({"group": NOBODY})).await;
    assert!(!group.to_string().contains("does not exist"), "{group}");

    let hook = |owner: i64| json!({"name": "n", "url": "http://127.0.0.1:9/", "owner": owner});
    let one = refusal(&desk, "/notification_webhooks/", &hook(OUTSIDER)).await;
    let none = refusal(&desk, "/notification_webhooks/", &hook(NOBODY)).await;
    assert_eq!(one, none);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_does_not_say_whether_somebody_else_is_there() {
    let desk = Desk::open().await;
    let event = |name: &str| {
        json!({"specversion": "1.0", "id": "1", "source": "test", "type": "user_mentioned",
            "data": {"title": "T", "recipients": [name]}})
    };
    let ask = async |name: &str| desk.send(MEI, "POST", "/explain/", &event(name)).await;
    let (one, none) = (ask("outsider").await, ask("nobody").await);
    assert_eq!((one.status, &one.body), (200, &none.body));
    assert_eq!(none.body["notes"], json!([]));
}
