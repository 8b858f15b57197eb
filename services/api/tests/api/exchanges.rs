//! What a client written for DefectDojo asks and gets: requests and answers that were recorded
//! from a running one, played against the API.

use proto_events::directory::{Member, Membership, Product, ProductType, Securable, User};
use serde_json::{Value, json};

use crate::desk::{Answer, Desk, answer};

/// The superuser and a plain member among the recorded people.
const INGRID: i64 = 1;
const MEI_LIN: i64 = 3;

macro_rules! recorded {
    ($folder:literal, $name:literal) => {
        serde_json::from_str::<Vec<Value>>(include_str!(concat!(
            "../../../../tests/fixtures/",
            $folder,
            "/",
            $name,
            ".json"
        )))
        .unwrap()
    };
}

/// The people, products and rules of the recorded installation.
async fn recorded_desk() -> Desk {
    let desk = Desk::empty().await;
    let store = desk.store();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let id = |row: &Value| row["id"].as_i64().unwrap();
    let users: Vec<User> = recorded!("defectdojo-api", "users")
        .iter()
        .map(|row| User {
            id: id(row),
            username: text(row, "username"),
            first_name: text(row, "first_name"),
            last_name: text(row, "last_name"),
            email: text(row, "email"),
            active: row["is_active"].as_bool().unwrap(),
            superuser: row["is_superuser"].as_bool().unwrap(),
            ..User::default()
        })
        .collect();
    store.put_users(&users).await.unwrap();
    let types = recorded!("defectdojo-api", "product_types");
    let products = recorded!("defectdojo-api", "products");
    let made: Vec<ProductType> = types
        .iter()
        .map(|row| ProductType {
            id: id(row),
            name: text(row, "name"),
        })
        .collect();
    store.put_product_types(&made).await.unwrap();
    let made: Vec<Product> = products
        .iter()
        .map(|row| Product {
            id: id(row),
            name: text(row, "name"),
            product_type: row["prod_type"].as_i64().unwrap(),
            tags: serde_json::from_value(row["tags"].clone()).unwrap(),
        })
        .collect();
    store.put_products(&made).await.unwrap();
    let mut memberships = Vec::new();
    for (rows, of) in [
        (&types, Securable::ProductType as fn(i64) -> Securable),
        (&products, Securable::Product),
    ] {
        for row in rows.iter() {
            for user in row["authorized_users"].as_array().unwrap() {
                memberships.push(Membership {
                    member: Member::User(user.as_i64().unwrap()),
                    of: of(id(row)),
                    role: None,
                });
            }
        }
    }
    store.put_memberships(&memberships).await.unwrap();
    let desk = desk
        .with_tokens(&[(INGRID, "ingrid.holm"), (MEI_LIN, "mei-lin")])
        .await;
    for rule in recorded!("defectdojo-api", "notifications") {
        let is_new = rule["template"] == true || !rule["product"].is_null();
        if is_new {
            let made = desk.send(INGRID, "POST", "/notifications/", &rule).await;
            assert_eq!(made.status, 201, "{made:?}");
        }
    }
    let intake = json!({"name": "hw SOC intake", "url": "https://soc.hafenwerk.example/in"});
    let made = desk
        .send(INGRID, "POST", "/notification_webhooks/", &intake)
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    desk
}

/// Plays a recorded request. Its object has the id that ours was given.
async fn play(desk: &Desk, exchange: &Value, id: Option<i64>) -> Answer {
    let request = exchange["request"].as_str().unwrap();
    let (method, path) = request.split_once(" /api/v2").unwrap();
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    if let (Some(id), true) = (id, parts.len() == 4) {
        parts[2] = id.to_string();
    }
    let person = if exchange["as"].is_null() {
        INGRID
    } else {
        MEI_LIN
    };
    let request = desk.by(person, method, &parts.join("/"));
    let request = match (
        &exchange["request_body"],
        exchange["request_body_text"].as_str(),
    ) {
        (_, Some(text)) => request
            .header("Content-Type", "application/json")
            .body(text.to_owned()),
        (Value::Null, None) => request,
        (body, None) => request.json(body),
    };
    answer(request).await
}

/// Lists of words are sets; a secret is not told; what DefectDojo leaves empty is null here.
fn alike(recorded: &Value, ours: &Value) -> bool {
    let is_empty = |value: &Value| value.is_null() || value == "";
    match (recorded, ours) {
        (Value::Array(recorded), Value::Array(ours)) => {
            recorded.len() == ours.len() && recorded.iter().all(|it| ours.contains(it))
        }
        (Value::String(_), Value::String(secret)) if secret == "<secret>" => true,
        (recorded, ours) if is_empty(recorded) && is_empty(ours) => true,
        (recorded, ours) => recorded == ours,
    }
}

/// The members that differ from what was recorded, ids aside.
fn differences(recorded: &Value, ours: &Value) -> Vec<String> {
    let members = recorded.as_object().into_iter().flatten();
    members
        .filter(|(name, value)| {
            !matches!(name.as_str(), "id" | "prefetch") && !alike(value, &ours[*name])
        })
        .map(|(name, value)| format!("{name}: {value} became {}", ours[name]))
        .collect()
}

/// Plays exchanges in order: each is answered as it was, but where we differ on purpose.
async fn replay(desk: &Desk, exchanges: &[Value], on_purpose: impl Fn(&Value) -> bool) {
    let mut id = None;
    for exchange in exchanges {
        let ours = play(desk, exchange, id).await;
        id = ours.body["id"].as_i64().or(id);
        if on_purpose(exchange) {
            assert!(ours.status < 500, "{exchange}: {ours:?}");
            continue;
        }
        assert_eq!(exchange["status"], ours.status, "{exchange}: {ours:?}");
        let differences = differences(&exchange["body"], &ours.body);
        assert!(differences.is_empty(), "{exchange}: {differences:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_made_read_replaced_changed_and_removed_as_in_defectdojo() {
    let desk = recorded_desk().await;
    let mut exchanges = recorded!("defectdojo-exchanges", "rules");
    // A list for this column is refused there and taken here; the next test is about it.
    exchanges.retain(|exchange| exchange["request_body"]["scan_added_empty"].is_null());
    replay(&desk, &exchanges, |_| false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_word_for_empty_scans_is_taken_as_in_defectdojo_and_a_list_too() {
    let desk = recorded_desk().await;
    let rule = |value: Value| json!({"user": 9, "product": 3, "scan_added_empty": value});
    let made = desk
        .send(INGRID, "POST", "/notifications/", &rule("mail".into()))
        .await;
    assert_eq!(
        (made.status, &made.body["scan_added_empty"]),
        (201, &json!(["mail"]))
    );
    let path = format!("/notifications/{}/", made.body["id"]);
    for (value, stored) in [
        (json!(["mail", "slack"]), json!(["mail", "slack"])),
        (json!("alert"), json!(["alert"])),
        (json!(""), json!([])),
    ] {
        let changed = desk.send(INGRID, "PATCH", &path, &rule(value)).await;
        assert_eq!(
            (changed.status, &changed.body["scan_added_empty"]),
            (200, &stored)
        );
    }
    for value in [json!("mail,slack"), json!(null)] {
        let refused = desk.send(INGRID, "PATCH", &path, &rule(value)).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(refused.body["scan_added_empty"].is_array(), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_made_read_replaced_changed_and_removed_as_in_defectdojo() {
    let desk = recorded_desk().await;
    replay(
        &desk,
        &recorded!("defectdojo-exchanges", "webhooks"),
        |_| false,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_defectdojo_refuses_is_refused_with_the_same_words() {
    let desk = recorded_desk().await;
    let on_purpose = [
        // 401 with WWW-Authenticate; see the tests of tokens.
        "no_token",
        "bad_token",
        // People keep their own rules and endpoints.
        "forbidden_notifications_plain",
        "forbidden_notification_webhooks_post_plain",
        // An endpoint without name and address is none.
        "webhooks_empty",
        // The template is of nobody, whatever else is there.
        "notifications_template_with_user",
    ];
    for exchange in recorded!("defectdojo-exchanges", "refusals") {
        let is_on_purpose = on_purpose.contains(&exchange["name"].as_str().unwrap());
        replay(&desk, &[exchange], |_| is_on_purpose).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages_that_link_to_each_other_as_in_defectdojo() {
    let desk = recorded_desk().await;
    for exchange in recorded!("defectdojo-exchanges", "pages") {
        if exchange["request"].as_str().unwrap().contains("webhooks") {
            continue;
        }
        let ours = play(&desk, &exchange, None).await;
        let page = &exchange["body"];
        for member in ["count", "next", "previous"] {
            assert_eq!(ours.body[member], page[member], "{exchange}: {member}");
        }
        assert_eq!(
            json!(crate::desk::ids(&ours.body)),
            page["ids"],
            "{exchange}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_rule_reads_back_as_it_was_written() {
    let desk = recorded_desk().await;
    for rule in recorded!("defectdojo-api", "notifications") {
        if rule["product"].is_null() && rule["template"] == false {
            continue;
        }
        let found = desk
            .read(
                INGRID,
                &format!(
                    "/notifications/?template={}&user={}&product={}",
                    rule["template"],
                    rule["user"]
                        .as_i64()
                        .map_or_else(String::new, |id| id.to_string()),
                    rule["product"]
                        .as_i64()
                        .map_or_else(String::new, |id| id.to_string()),
                ),
            )
            .await;
        assert_eq!(found["count"], 1, "{rule}");
        let differences = differences(&rule, &found["results"][0]);
        assert!(differences.is_empty(), "{differences:?}");
    }
}
