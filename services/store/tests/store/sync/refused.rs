use serde_json::json;
use store::Fate;

use super::{applied, apply, at, engagement, small_world, user};
use crate::support::scratch;

#[tokio::test]
async fn what_the_database_refuses_keeps_no_others_back() {
    let scratch = scratch().await;
    let store = scratch.store();
    applied(store, &small_world()).await;
    let mut beyond = engagement(11, 7);
    beyond["target_end"] = json!("+123456-01-01");
    let changes = [
        at(1, "upsert", "engagement", &engagement(10, 7)),
        at(1, "upsert", "engagement", &beyond),
        at(1, "upsert", "engagement", &engagement(12, 7)),
        at(1, "upsert", "user", &user(2, "tomasz")),
    ];
    let fates = store.apply_changes(&changes).await.unwrap();
    let Fate::Refused(why) = &fates[1] else {
        panic!("{fates:?}");
    };
    assert!(why.contains("+123456-01-01"), "{why}");
    for place in [0, 2, 3] {
        assert_eq!(fates[place], Fate::Applied);
    }
    beyond["target_end"] = json!("2026-12-31");
    assert_eq!(
        apply(store, at(1, "upsert", "engagement", &beyond)).await,
        Fate::Applied,
        "what was refused left no stamp"
    );
}

#[tokio::test]
async fn a_username_that_is_taken_waits_until_it_is_free() {
    let scratch = scratch().await;
    let store = scratch.store();
    applied(store, &[at(0, "upsert", "user", &user(1, "mei"))]).await;
    let other = at(2, "upsert", "user", &user(2, "mei"));
    let third = at(2, "upsert", "user", &user(3, "tomasz"));
    let fates = store.apply_changes(&[other.clone(), third]).await.unwrap();
    assert_eq!(
        fates,
        [
            Fate::Waits("the username \"mei\" belongs to another user".to_owned()),
            Fate::Applied
        ]
    );
    applied(
        store,
        &[at(1, "upsert", "user", &user(1, "mei-lin")), other],
    )
    .await;
}

#[tokio::test]
async fn two_users_swap_their_names_in_one_chunk() {
    let scratch = scratch().await;
    let store = scratch.store();
    let both = |second, one, other| {
        [
            at(second, "upsert", "user", &user(1, one)),
            at(second, "upsert", "user", &user(2, other)),
        ]
    };
    applied(store, &both(0, "mei", "tomasz")).await;
    applied(store, &both(1, "tomasz", "mei")).await;
}

#[tokio::test]
async fn text_that_postgresql_cannot_hold_is_written_with_a_sign_in_its_place() {
    let scratch = scratch().await;
    let store = scratch.store();
    let odd = json!({"id": 1, "username": "mei\u{0}", "active": true});
    applied(store, &[at(0, "upsert", "user", &odd)]).await;
    let directory = store.load_directory().await.unwrap();
    assert_eq!(directory.users[0].username, "mei\u{2400}");
}
