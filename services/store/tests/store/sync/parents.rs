use serde_json::json;
use store::Fate;

use super::{
    CHANGES_LOGGED, applied, apply, at, engagement, finding, membership, product, small_world,
    texts, user,
};
use crate::support::{connect, scratch};

#[tokio::test]
async fn every_kind_of_object_is_written_in_one_chunk_whatever_its_order_in_there() {
    let scratch = scratch().await;
    let mut changes = small_world();
    changes.extend([
        at(0, "upsert", "group", &json!({"id": 5, "name": "Auditors", "global_role": "Reader"})),
        at(0, "upsert", "group_member", &json!({"group": 5, "user": 1})),
        at(0, "upsert", "membership", &membership(1, 7, Some("Writer"))),
        at(0, "upsert", "membership", &json!({"member": {"group": 5}, "of": {"product_type": 1}})),
        at(0, "upsert", "risk_acceptance", &json!({"id": 3, "name": "Until patched", "product": 7,
            "engagement": 9, "expiration_date": "2026-12-01T00:00:00Z", "accepted_findings": [501, 502]})),
    ]);
    changes.reverse();
    applied(scratch.store(), &changes).await;
    let directory = scratch.store().load_directory().await.unwrap();
    assert_eq!(directory.users[0].email, "mei@example.com");
    assert_eq!(directory.products[0].tags, ["pci"]);
    assert_eq!(directory.group_members.len(), 1);
    assert_eq!(directory.memberships.len(), 2);
    let seen = "SELECT id || ' of product ' || product || ', ' || severity || ', due ' || sla_expiration_date
                FROM live_findings";
    let database = &mut connect(&scratch).await;
    assert_eq!(
        texts(database, seen).await,
        ["501 of product 7, High, due 2026-11-01"]
    );
    let seen =
        "SELECT name || array_to_string(accepted_findings, ',', '') FROM live_risk_acceptances";
    assert_eq!(texts(database, seen).await, ["Until patched501,502"]);
}

#[tokio::test]
async fn what_hangs_below_something_unknown_waits_and_leaves_no_trace() {
    let scratch = scratch().await;
    let store = scratch.store();
    applied(store, &[at(0, "upsert", "user", &user(1, "mei"))]).await;
    for (kind, object, missing) in [
        ("product", product(7, 99), "product_type 99"),
        ("membership", membership(1, 7, None), "product 7"),
        (
            "membership",
            json!({"member": {"user": 8}, "of": {"product": 7}}),
            "user 8",
        ),
        (
            "membership",
            json!({"member": {"group": 4}, "of": {"product": 7}}),
            "group 4",
        ),
        ("group_member", json!({"group": 4, "user": 1}), "group 4"),
        ("engagement", engagement(9, 7), "product 7"),
        ("test", json!({"id": 42, "engagement": 9}), "engagement 9"),
        ("finding", finding(501, 42), "test 42"),
        (
            "risk_acceptance",
            json!({"id": 3, "name": "R", "engagement": 9}),
            "engagement 9",
        ),
    ] {
        let fate = apply(store, at(0, "upsert", kind, &object)).await;
        assert_eq!(
            fate,
            Fate::Waits(format!("{missing} is not known")),
            "{kind}"
        );
    }
    let known = texts(
        &mut connect(&scratch).await,
        "SELECT kind || ' ' || key FROM directory_objects",
    )
    .await;
    assert_eq!(known, ["user 1"]);
}

#[tokio::test]
async fn what_hangs_below_something_deleted_is_obsolete_and_waits_for_nothing() {
    let scratch = scratch().await;
    let store = scratch.store();
    applied(store, &small_world()).await;
    let id = |id: i64| json!({"id": id});
    applied(
        store,
        &[
            at(5, "delete", "product", &id(7)),
            at(5, "delete", "group", &id(4)),
        ],
    )
    .await;
    for (kind, object, gone) in [
        ("engagement", engagement(10, 7), "product 7"),
        ("membership", membership(1, 7, None), "product 7"),
        ("group_member", json!({"group": 4, "user": 1}), "group 4"),
        (
            "membership",
            json!({"member": {"group": 4}, "of": {"product_type": 1}}),
            "group 4",
        ),
    ] {
        let fate = apply(store, at(9, "upsert", kind, &object)).await;
        assert_eq!(
            fate,
            Fate::Obsolete(format!("{gone} was deleted")),
            "{kind}"
        );
    }
    let database = &mut connect(&scratch).await;
    let seen = "SELECT id::text FROM live_engagements UNION ALL SELECT id::text FROM live_tests
                UNION ALL SELECT id::text FROM live_findings";
    assert!(
        texts(database, seen).await.is_empty(),
        "nothing below the product is seen"
    );
}

#[tokio::test]
async fn a_membership_waits_for_a_product_that_may_yet_move_out_of_a_deleted_type() {
    let scratch = scratch().await;
    let store = scratch.store();
    let mut world = small_world();
    world.push(at(
        0,
        "upsert",
        "product_type",
        &json!({"id": 2, "name": "Yard"}),
    ));
    world.push(at(5, "delete", "product_type", &json!({"id": 3})));
    applied(store, &world).await;
    let below = apply(store, at(1, "upsert", "product", &product(8, 3))).await;
    assert_eq!(
        below,
        Fate::Obsolete("product_type 3 was deleted".to_owned())
    );
    let member = || at(2, "upsert", "membership", &membership(1, 8, None));
    let waits = apply(store, member()).await;
    assert_eq!(
        waits,
        Fate::Waits("product 8 is below something deleted".to_owned())
    );
    applied(store, &[at(3, "upsert", "product", &product(8, 2))]).await;
    assert_eq!(apply(store, member()).await, Fate::Applied);
}

#[tokio::test]
async fn an_engagement_that_moves_away_before_its_product_is_deleted_keeps_its_findings() {
    let scratch = scratch().await;
    let store = scratch.store();
    let mut world = small_world();
    world.push(at(0, "upsert", "product", &product(8, 1)));
    applied(store, &world).await;
    // The deletion overtakes the move.
    applied(store, &[at(5, "delete", "product", &json!({"id": 7}))]).await;
    applied(store, &[at(3, "upsert", "engagement", &engagement(9, 8))]).await;
    let seen = "SELECT id || ' of ' || product FROM live_findings";
    assert_eq!(
        texts(&mut connect(&scratch).await, seen).await,
        ["501 of 8"]
    );
}

#[tokio::test]
async fn a_deleted_group_takes_its_members_and_memberships_along() {
    let scratch = scratch().await;
    let store = scratch.store();
    applied(store, &small_world()).await;
    applied(
        store,
        &[
            at(0, "upsert", "group", &json!({"id": 4, "name": "Auditors"})),
            at(0, "upsert", "group_member", &json!({"group": 4, "user": 1})),
            at(
                0,
                "upsert",
                "membership",
                &json!({"member": {"group": 4}, "of": {"product": 7}}),
            ),
            at(1, "upsert", "membership", &membership(1, 7, None)),
        ],
    )
    .await;
    applied(store, &[at(2, "delete", "group", &json!({"id": 4}))]).await;
    applied(
        store,
        &[at(2, "delete", "membership", &membership(1, 7, None))],
    )
    .await;
    let directory = store.load_directory().await.unwrap();
    assert!(directory.groups.is_empty() && directory.group_members.is_empty());
    assert!(
        directory.memberships.is_empty(),
        "{:?}",
        directory.memberships
    );
}

#[tokio::test]
async fn findings_wake_no_router_and_products_do() {
    let scratch = scratch().await;
    let store = scratch.store();
    applied(store, &small_world()).await;
    let mut database = connect(&scratch).await;
    let logged = texts(&mut database, CHANGES_LOGGED).await;
    let mut mitigated = finding(501, 42);
    mitigated["is_mitigated"] = json!(true);
    applied(
        store,
        &[
            at(1, "upsert", "engagement", &engagement(10, 7)),
            at(1, "upsert", "finding", &mitigated),
            at(1, "delete", "engagement", &json!({"id": 9})),
        ],
    )
    .await;
    assert_eq!(texts(&mut database, CHANGES_LOGGED).await, logged);
    applied(store, &[at(1, "delete", "product", &json!({"id": 7}))]).await;
    assert_ne!(texts(&mut database, CHANGES_LOGGED).await, logged);
}
