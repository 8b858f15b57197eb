//! Who may do what: resource × verb × person.

use proto_events::ids;
use serde_json::{Value, json};
use store::NewAlert;

use crate::desk::{ADMIN, CRANES, Desk, MEI, OUTSIDER, SHIPS, ids as ids_of};

/// What the administrator, mei and the outsider are answered.
type Row<'a> = (&'a str, String, Value, [u16; 3]);

async fn expect(desk: &Desk, rows: &[Row<'_>]) {
    for (method, path, body, expected) in rows {
        for (person, expected) in [ADMIN, MEI, OUTSIDER].into_iter().zip(expected) {
            let answer = match body {
                Value::Null => desk.ask(person, method, path).await,
                body => desk.send(person, method, path, body).await,
            };
            assert_eq!(
                answer.status, *expected,
                "{method} {path} {body} by {person}: {answer:?}"
            );
        }
    }
}

/// Removals are asked for from the right to the left: whoever may comes last.
async fn expect_removal(desk: &Desk, path: &str, owner: i64) {
    let others = [OUTSIDER, MEI]
        .into_iter()
        .filter(|person| *person != owner);
    for person in others {
        assert_eq!(desk.ask(person, "DELETE", path).await.status, 404, "{path}");
    }
    assert_eq!(desk.ask(owner, "DELETE", path).await.status, 204, "{path}");
    assert_eq!(desk.ask(ADMIN, "GET", path).await.status, 404, "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_superusers_is_refused_to_others() {
    let desk = Desk::open().await;
    let get = |path: &str, expected| ("GET", path.to_owned(), Value::Null, expected);
    expect(
        &desk,
        &[
            get("/users/", [200, 403, 403]),
            get("/users/2/", [200, 403, 403]),
            get("/user_contact_infos/", [200, 403, 403]),
            get("/user_contact_infos/2/", [200, 403, 403]),
            get("/system_settings/", [200, 403, 403]),
            get("/system_settings/1/", [200, 403, 403]),
            get("/events/", [200, 403, 403]),
            get("/events/none/", [404, 403, 403]),
            get("/dead_letters/", [200, 403, 403]),
            (
                "PATCH",
                "/system_settings/1/".to_owned(),
                json!({"team_name": "Hafen"}),
                [200, 403, 403],
            ),
            (
                "POST",
                "/destinations/".to_owned(),
                json!({}),
                [400, 403, 403],
            ),
            ("POST", "/events/".to_owned(), json!({}), [400, 403, 403]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_everybody_is_for_everybody() {
    let desk = Desk::open().await;
    let paths = [
        "/notifications/",
        "/notification_webhooks/",
        "/products/",
        "/product_types/",
        "/alerts/",
        "/deliveries/",
        "/destinations/",
        "/user_profile/",
    ];
    let rows = paths.map(|path| ("GET", path.to_owned(), Value::Null, [200, 200, 200]));
    expect(&desk, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_the_products_that_they_may_view_and_no_others() {
    let desk = Desk::open().await;
    let product = |id: i64| format!("/products/{id}/");
    let get = |path: String, expected| ("GET", path, Value::Null, expected);
    expect(
        &desk,
        &[
            get(product(CRANES), [200, 200, 404]),
            get(product(SHIPS), [200, 404, 404]),
            get("/product_types/1/".to_owned(), [200, 404, 404]),
        ],
    )
    .await;
    assert_eq!(
        ids_of(&desk.read(ADMIN, "/products/").await),
        [CRANES, SHIPS]
    );
    assert_eq!(
        ids_of(&desk.read(MEI, "/products/?tags=pci").await),
        [CRANES]
    );
    assert_eq!(desk.read(OUTSIDER, "/products/").await["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_keep_their_own_rules_and_superusers_all() {
    let desk = Desk::open().await;
    let rule = json!({"user": MEI, "product": CRANES, "scan_added": ["mail"]});
    let made = desk.send(MEI, "POST", "/notifications/", &rule).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/notifications/{}/", made.body["id"]);
    expect(
        &desk,
        &[
            ("GET", path.clone(), Value::Null, [200, 200, 404]),
            (
                "PATCH",
                path.clone(),
                json!({"other": ["slack"]}),
                [200, 200, 404],
            ),
            ("PUT", path.clone(), rule, [200, 200, 404]),
        ],
    )
    .await;
    // Nobody but a superuser writes what is another's, or names what they may not see.
    for body in [
        json!({"user": ADMIN, "product": CRANES}),
        json!({"user": OUTSIDER}),
        json!({"product": SHIPS}),
        json!({"template": true}),
        json!({"group": 1}),
    ] {
        let refused = desk.send(MEI, "POST", "/notifications/", &body).await;
        assert_eq!(refused.status, 400, "{body}: {refused:?}");
    }
    let taken_over = desk
        .send(MEI, "PATCH", &path, &json!({"user": ADMIN}))
        .await;
    assert_eq!(taken_over.status, 400);
    let own = desk.read(MEI, "/notifications/").await;
    let results = own["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|rule| rule["user"] == MEI), "{own}");
    assert_eq!(desk.read(MEI, "/notifications/?user=1").await["count"], 0);
    expect_removal(&desk, &path, MEI).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_keep_their_own_endpoints_and_superusers_all() {
    let desk = Desk::open().await;
    let hook = json!({"name": "mei's", "url": "http://127.0.0.1:9/"});
    let made = desk
        .send(MEI, "POST", "/notification_webhooks/", &hook)
        .await;
    assert_eq!(
        (made.status, &made.body["owner"]),
        (201, &json!(MEI)),
        "{made:?}"
    );
    let path = format!("/notification_webhooks/{}/", made.body["id"]);
    let action = |name: &str| format!("{path}{name}/");
    expect(
        &desk,
        &[
            ("GET", path.clone(), Value::Null, [200, 200, 404]),
            (
                "PATCH",
                path.clone(),
                json!({"name": "hers"}),
                [200, 200, 404],
            ),
            // Nobody listens there.
            ("POST", action("ping"), Value::Null, [400, 400, 404]),
            ("POST", action("activate"), Value::Null, [400, 400, 404]),
            ("POST", action("deactivate"), Value::Null, [200, 200, 404]),
        ],
    )
    .await;
    for owner in [ADMIN, OUTSIDER] {
        let given = desk
            .send(MEI, "PATCH", &path, &json!({"owner": owner}))
            .await;
        assert_eq!(given.status, 400, "{given:?}");
    }
    assert_eq!(
        desk.read(OUTSIDER, "/notification_webhooks/").await["count"],
        0
    );
    expect_removal(&desk, &path, MEI).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_its_owners_alone() {
    let desk = Desk::open().await;
    let alert = NewAlert {
        id: ids::alert("test", "e1", Some(MEI)),
        user: Some(MEI),
        title: "Scan added".to_owned(),
        description: String::new(),
        url: None,
        icon: "info-circle".to_owned(),
        source: "Scan Added".to_owned(),
        event_source: "test".to_owned(),
        event_id: "e1".to_owned(),
    };
    let path = format!("/alerts/{}/", alert.id);
    desk.store().insert_alerts(&[alert]).await.unwrap();
    expect(
        &desk,
        &[
            ("GET", path.clone(), Value::Null, [404, 200, 404]),
            (
                "PATCH",
                path.clone(),
                json!({"read": true}),
                [404, 200, 404],
            ),
        ],
    )
    .await;
    for other in [ADMIN, OUTSIDER] {
        assert_eq!(desk.ask(other, "DELETE", &path).await.status, 404);
        let cleared = desk.ask(other, "DELETE", "/alerts/").await;
        assert_eq!(cleared.body["count"], 0);
    }
    assert_eq!(desk.ask(MEI, "DELETE", &path).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_ask_why_about_themselves_and_superusers_about_everybody() {
    let desk = Desk::open().await;
    let event = json!({"specversion": "1.0", "id": "1", "source": "test", "type": "scan_added",
        "data": {"title": "T", "product": {"id": CRANES, "name": "Cranes"}}});
    let ask = |path: &str, expected| ("POST", path.to_owned(), event.clone(), expected);
    expect(
        &desk,
        &[
            ask("/explain/", [200, 200, 200]),
            ask("/explain/?user=mei", [200, 200, 403]),
            ask("/explain/?user=nobody", [400, 403, 403]),
            ask("/explain/?destination=none", [400, 403, 403]),
        ],
    )
    .await;
    let own = desk.send(OUTSIDER, "POST", "/explain/", &event).await.body;
    let receivers = own["receivers"].as_array().unwrap();
    assert_eq!(receivers.len(), 1);
    assert_eq!(receivers[0]["user"], "outsider");
    let all = desk.send(ADMIN, "POST", "/explain/", &event).await.body;
    let users: Vec<&Value> = all["receivers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["user"])
        .collect();
    assert_eq!(users, [&Value::Null, &json!("admin"), &json!("mei")]);
}
