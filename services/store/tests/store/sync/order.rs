//! Whatever the order of arrival, and however often each comes, the same is seen.

use std::cell::{Cell, RefCell};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use proto_events::DirectoryChange;
use serde_json::{Value, json};
use sqlx::{Executor, PgConnection};
use store::{Fate, Store};

use super::{applied, apply, at, engagement, finding, membership, product, texts, user};
use crate::support::{connect, scratch};

/// Times are few, so that many are equal. Nothing is later than this.
const LATEST: i64 = 5;

/// Everything that can be seen, as text.
const SEEN: &str = "
    SELECT 'user ' || id || username || active AS row FROM users WHERE deleted_at IS NULL
    UNION ALL SELECT 'type ' || id || name FROM product_types WHERE deleted_at IS NULL
    UNION ALL SELECT 'product ' || p.id || p.name || ' of ' || p.product_type FROM products AS p
        JOIN product_types AS t ON t.id = p.product_type AND t.deleted_at IS NULL
        WHERE p.deleted_at IS NULL
    UNION ALL SELECT 'group ' || id || name FROM groups
    UNION ALL SELECT 'member ' || group_id || ' ' || user_id FROM group_members
        JOIN users ON id = user_id AND deleted_at IS NULL
    UNION ALL SELECT concat_ws(' ', 'membership', user_id, 'of', product_id, role) FROM memberships
        JOIN users ON users.id = user_id AND users.deleted_at IS NULL
        JOIN products AS p ON p.id = product_id AND p.deleted_at IS NULL
        JOIN product_types AS t ON t.id = p.product_type AND t.deleted_at IS NULL
    UNION ALL SELECT 'engagement ' || id || name || product FROM live_engagements
    UNION ALL SELECT 'test ' || id || title || engagement FROM live_tests
    UNION ALL SELECT 'finding ' || id || title || test || active FROM live_findings
    ORDER BY 1";

const FORGET: &str = "TRUNCATE users, product_types, products, groups, engagements, tests,
                               findings, risk_acceptances, directory_objects CASCADE";

/// An object of a small world, in one of two shapes.
fn object() -> impl Strategy<Value = (&'static str, Value)> {
    let kinds = select(vec![
        "user",
        "product_type",
        "product",
        "group",
        "group_member",
        "membership",
        "engagement",
        "test",
        "finding",
    ]);
    (kinds, 1..=2i64, 1..=2i64, any::<bool>()).prop_map(|(kind, id, parent, shape)| {
        let mut object = match kind {
            "user" => user(id, &format!("{id}-{shape}")),
            "product_type" | "group" => json!({"id": id, "name": shape.to_string()}),
            "product" => product(id, parent),
            "group_member" => json!({"group": id, "user": parent}),
            "membership" => membership(id, parent, shape.then_some("Owner")),
            "engagement" => engagement(id, parent),
            "test" => json!({"id": id, "title": shape.to_string(), "engagement": parent}),
            _ => finding(id, parent),
        };
        if kind == "finding" {
            object["active"] = json!(shape);
        }
        (kind, object)
    })
}

/// A change of it. Where rows of others refer to it, a deletion is the last word: DefectDojo
/// gives no id twice, and what hung below an object that came back has to be published again.
fn change() -> impl Strategy<Value = DirectoryChange> {
    (object(), 0..LATEST, prop::bool::weighted(0.25)).prop_map(
        |((kind, object), second, delete)| {
            let is_referred_to = matches!(kind, "user" | "product_type" | "product" | "group");
            match (delete, is_referred_to) {
                (false, _) => at(second, "upsert", kind, &object),
                (true, false) => at(second, "delete", kind, &object),
                (true, true) => at(LATEST, "delete", kind, &object),
            }
        },
    )
}

#[derive(Debug)]
struct Deliveries {
    changes: Vec<DirectoryChange>,
    /// Once in another order, with copies.
    shuffled: Vec<DirectoryChange>,
    chunk: usize,
}

fn deliveries() -> impl Strategy<Value = Deliveries> {
    let changes = prop::collection::vec(change(), 1..40);
    let copies = prop::collection::vec(any::<Index>(), 0..8);
    (changes, copies, 1..20usize).prop_flat_map(|(changes, copies, chunk)| {
        let mut all = changes.clone();
        all.extend(copies.iter().map(|index| index.get(&changes).clone()));
        Just(all)
            .prop_shuffle()
            .prop_map(move |shuffled| Deliveries {
                changes: changes.clone(),
                shuffled,
                chunk,
            })
    })
}

/// Applies changes in chunks, those that wait again and again while that helps, as the
/// ladder does.
async fn deliver(store: &Store, changes: &[DirectoryChange], chunk: usize) {
    let mut left = changes.to_vec();
    loop {
        let mut waiting = Vec::new();
        for chunk in left.chunks(chunk) {
            let fates = store.apply_changes(chunk).await.unwrap();
            let waits = chunk
                .iter()
                .zip(fates)
                .filter(|(_, fate)| matches!(fate, Fate::Waits(_)));
            waiting.extend(waits.map(|(change, _)| change.clone()));
        }
        if waiting.len() == left.len() || waiting.is_empty() {
            return;
        }
        left = waiting;
    }
}

async fn seen_after(
    store: &Store,
    database: &mut PgConnection,
    changes: &[DirectoryChange],
    chunk: usize,
) -> Vec<String> {
    database.execute(FORGET).await.unwrap();
    deliver(store, changes, chunk).await;
    texts(database, SEEN).await
}

#[test]
fn any_order_of_arrival_with_any_copies_ends_in_the_same_rows() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scratch = runtime.block_on(scratch());
    let database = RefCell::new(runtime.block_on(connect(&scratch)));
    let cases = Config {
        cases: 150,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let most = Cell::new(0);
    TestRunner::new(cases)
        .run(&deliveries(), |deliveries| {
            let Deliveries {
                changes,
                shuffled,
                chunk,
            } = &deliveries;
            let database = &mut *database.borrow_mut();
            let (one, other) = runtime.block_on(async {
                let store = scratch.store();
                let one = seen_after(store, database, changes, changes.len()).await;
                (one, seen_after(store, database, shuffled, *chunk).await)
            });
            most.set(most.get().max(one.len()));
            prop_assert_eq!(one, other);
            Ok(())
        })
        .unwrap();
    assert!(most.get() > 5, "the worlds were too empty to tell anything");
}

#[tokio::test]
async fn of_changes_of_the_same_time_a_deletion_wins_whichever_comes_first() {
    let scratch = scratch().await;
    let store = scratch.store();
    let named = |id: i64, name: &str| json!({"id": id, "name": name});
    let up = |id| at(1, "upsert", "product_type", &named(id, "Port"));
    let gone = |id| at(1, "delete", "product_type", &named(id, ""));
    assert_eq!(apply(store, up(1)).await, Fate::Applied);
    assert_eq!(apply(store, gone(1)).await, Fate::Applied);
    assert_eq!(apply(store, gone(2)).await, Fate::Applied);
    assert_eq!(apply(store, up(2)).await, Fate::Superseded);
    assert!(
        store
            .load_directory()
            .await
            .unwrap()
            .product_types
            .is_empty()
    );
}

#[tokio::test]
async fn of_two_different_objects_of_the_same_time_the_same_one_wins_whichever_comes_first() {
    let scratch = scratch().await;
    let store = scratch.store();
    for (id, names) in [(1, ["red", "blue"]), (2, ["blue", "red"])] {
        for name in names {
            apply(
                store,
                at(1, "upsert", "group", &json!({"id": id, "name": name})),
            )
            .await;
        }
    }
    // The hash covers the id, so each pair is decided by itself; asked again, nothing changes.
    let before = store.load_directory().await.unwrap().groups;
    for id in [1, 2] {
        for name in ["red", "blue"] {
            let change = at(1, "upsert", "group", &json!({"id": id, "name": name}));
            assert_eq!(apply(store, change).await, Fate::Superseded);
        }
    }
    assert_eq!(store.load_directory().await.unwrap().groups, before);
}

#[tokio::test]
async fn the_same_change_again_is_superseded_and_wakes_nobody() {
    let scratch = scratch().await;
    let store = scratch.store();
    let change = || at(1, "upsert", "user", &user(1, "mei"));
    applied(store, &[change()]).await;
    let version = store.directory_version().await.unwrap();
    assert_eq!(apply(store, change()).await, Fate::Superseded);
    assert_eq!(
        apply(store, at(0, "upsert", "user", &user(1, "old"))).await,
        Fate::Superseded
    );
    assert_eq!(store.directory_version().await.unwrap(), version);
}
