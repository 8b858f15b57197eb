use serde_json::json;
use store::Fate;

use super::{applied, apply, at, small_world, texts, user};
use crate::support::{connect, scratch, sql};

const AGE: &str =
    "UPDATE directory_objects SET noted_at = now() - interval '31 days' WHERE deleted";

#[tokio::test]
async fn a_tombstone_holds_back_older_changes_for_30_days() {
    let scratch = scratch().await;
    let store = scratch.store();
    let old = || at(1, "upsert", "user", &user(1, "mei"));
    applied(store, &[at(2, "delete", "user", &json!({"id": 1}))]).await;
    assert_eq!(apply(store, old()).await, Fate::Superseded);
    assert_eq!(store.sweep_directory().await.unwrap(), 0);
    sql(&scratch, AGE).await.unwrap();
    assert_eq!(store.sweep_directory().await.unwrap(), 1);
    assert_eq!(apply(store, old()).await, Fate::Applied);
}

#[tokio::test]
async fn what_hangs_below_a_product_that_is_long_gone_is_removed_step_by_step() {
    let scratch = scratch().await;
    let store = scratch.store();
    applied(store, &small_world()).await;
    applied(store, &[at(5, "delete", "product", &json!({"id": 7}))]).await;
    assert_eq!(
        store.sweep_directory().await.unwrap(),
        0,
        "it might come back"
    );
    sql(&scratch, AGE).await.unwrap();
    sql(
        &scratch,
        "UPDATE products SET deleted_at = now() - interval '31 days'",
    )
    .await
    .unwrap();
    assert_eq!(
        store.sweep_directory().await.unwrap(),
        4,
        "tombstone, engagement, test, finding"
    );
    assert_eq!(store.sweep_directory().await.unwrap(), 0);
    let left = "SELECT kind || ' ' || key FROM directory_objects ORDER BY 1";
    let left = texts(&mut connect(&scratch).await, left).await;
    assert_eq!(left, ["product_type 1", "user 1"]);
}

#[tokio::test]
async fn a_sweep_leaves_alone_what_no_change_ever_told_of() {
    let scratch = scratch().await;
    let store = scratch.store();
    crate::support::put_one_product(store).await;
    applied(
        store,
        &[at(0, "upsert", "engagement", &super::engagement(9, 10))],
    )
    .await;
    assert_eq!(store.sweep_directory().await.unwrap(), 0);
}
