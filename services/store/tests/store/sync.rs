//! Changes of the directory: the newest counts, whatever comes first.

mod order;
mod parents;
mod refused;
mod rules;
mod sweep;

use chrono::{DateTime, TimeDelta, Utc};
use proto_events::DirectoryChange;
use serde_json::{Value, json};
use sqlx::PgConnection;
use store::{Fate, Store};

/// A change at this second of a day not long ago.
pub(crate) fn at(second: i64, action: &str, kind: &str, object: &Value) -> DirectoryChange {
    let start: DateTime<Utc> = "2026-11-01T00:00:00Z".parse().unwrap();
    let change = json!({
        "kind": kind, "action": action, "object": object, "at": start + TimeDelta::seconds(second)
    });
    DirectoryChange::parse(change.to_string().as_bytes(), start + TimeDelta::days(1)).unwrap()
}

/// Applies a single change.
pub(crate) async fn apply(store: &Store, change: DirectoryChange) -> Fate {
    store.apply_changes(&[change]).await.unwrap().remove(0)
}

/// Applies changes that must all be written.
pub(crate) async fn applied(store: &Store, changes: &[DirectoryChange]) {
    let fates = store.apply_changes(changes).await.unwrap();
    assert_eq!(fates, vec![Fate::Applied; changes.len()]);
}

/// How often the router was told of a change.
pub(crate) const CHANGES_LOGGED: &str = "SELECT count(*)::text FROM change_log";

/// What a query gives, as text, row by row.
pub(crate) async fn texts(database: &mut PgConnection, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(database).await.unwrap()
}

pub(crate) fn user(id: i64, username: &str) -> Value {
    json!({"id": id, "username": username, "active": true, "email": format!("{username}@example.com")})
}

pub(crate) fn product(id: i64, product_type: i64) -> Value {
    json!({"id": id, "name": format!("product {id}"), "product_type": product_type, "tags": ["pci"]})
}

pub(crate) fn engagement(id: i64, product: i64) -> Value {
    json!({"id": id, "name": "Q4", "product": product, "target_start": "2026-10-01",
           "target_end": "2026-12-31", "status": "In Progress"})
}

pub(crate) fn finding(id: i64, test: i64) -> Value {
    json!({"id": id, "title": "SQL injection", "test": test, "severity": "High",
           "date": "2026-10-02", "sla_expiration_date": "2026-11-01", "active": true})
}

pub(crate) fn membership(user: i64, product: i64, role: Option<&str>) -> Value {
    json!({"member": {"user": user}, "of": {"product": product}, "role": role})
}

/// User 1, type 1, product 7, engagement 9, test 42 and finding 501, all at second 0.
pub(crate) fn small_world() -> Vec<DirectoryChange> {
    vec![
        at(0, "upsert", "user", &user(1, "mei")),
        at(
            0,
            "upsert",
            "product_type",
            &json!({"id": 1, "name": "Port"}),
        ),
        at(0, "upsert", "product", &product(7, 1)),
        at(0, "upsert", "engagement", &engagement(9, 7)),
        at(
            0,
            "upsert",
            "test",
            &json!({"id": 42, "title": "Nightly", "engagement": 9}),
        ),
        at(0, "upsert", "finding", &finding(501, 42)),
    ]
}
