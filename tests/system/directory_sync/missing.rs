//! What hangs below something that is not there.

use proto_events::{Reason, Service};
use serde_json::json;
use system_tests::play::{MEI, OUTSIDER};

use super::{Database, change, play_sync, publish};
use crate::bad_input::{assert_filed, filed};
use crate::operator::{notifyctl, words};

const AT: &str = "2026-11-20T08:00:00Z";

#[tokio::test]
async fn a_membership_that_comes_before_its_product_waits_for_it() {
    play_sync(async |play| {
        let mut database = Database::of(&play).await;
        let membership = json!({"member": {"user": MEI}, "of": {"product": 80}});
        publish(
            &play,
            [
                change("membership", "upsert", AT, &membership),
                change(
                    "group",
                    "upsert",
                    AT,
                    &json!({"id": 61, "name": "after it"}),
                ),
            ],
        )
        .await;
        // Whoever comes behind is not held up.
        database
            .shows("SELECT name FROM groups", &["after it"])
            .await;
        let product = json!({"id": 80, "name": "Weighbridge", "product_type": 1});
        publish(&play, [change("product", "upsert", AT, &product)]).await;
        database
            .shows(
                "SELECT user_id::text FROM memberships WHERE product_id = 80",
                &["2"],
            )
            .await;
        assert!(play.store().dead_letters().await.unwrap().is_empty());
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_waits_in_vain_becomes_a_dead_letter_that_can_be_replayed_once_its_product_is_there() {
    play_sync(async |play| {
        let membership = json!({"member": {"user": OUTSIDER}, "of": {"product": 81}});
        let membership = change("membership", "upsert", AT, &membership);
        publish(&play, [membership.clone()]).await;
        let letters = filed(&play, 1).await;
        let words_for_people: &[&str] = &[
            "membership user 3 of product 81",
            "product 81 is not known",
            "5 times",
            "replay",
        ];
        let expected = (membership.into_bytes(), Reason::Expired, words_for_people);
        assert_filed(&letters, Service::DirectorySync, &[expected]);

        let product = json!({"id": 81, "name": "Gate", "product_type": 1});
        publish(&play, [change("product", "upsert", AT, &product)]).await;
        let mut database = Database::of(&play).await;
        database
            .shows("SELECT name FROM products WHERE id = 81", &["Gate"])
            .await;
        let output = notifyctl(&["dead-letters", "replay", "--service", "directory-sync"])
            .envs(play.world.environment())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", words(&output));
        database
            .shows(
                "SELECT user_id::text FROM memberships WHERE product_id = 81",
                &["3"],
            )
            .await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_hangs_below_a_deleted_product_is_dropped_at_once_and_is_no_dead_letter() {
    play_sync(async |play| {
        let product = json!({"id": 82, "name": "Old gate", "product_type": 1});
        let engagement = json!({"id": 5, "name": "E", "product": 82, "target_start": "2026-01-01",
                                "target_end": "2026-02-01"});
        publish(
            &play,
            [
                change("product", "upsert", AT, &product),
                change(
                    "product",
                    "delete",
                    "2026-11-20T08:00:01Z",
                    &json!({"id": 82}),
                ),
                change("engagement", "upsert", AT, &engagement),
                change(
                    "membership",
                    "upsert",
                    AT,
                    &json!({"member": {"group": 9}, "of": {"product": 82}}),
                ),
                change(
                    "group",
                    "upsert",
                    AT,
                    &json!({"id": 9, "name": "it was waited for"}),
                ),
            ],
        )
        .await;
        let mut database = Database::of(&play).await;
        database
            .shows(
                "SELECT name || (SELECT count(*) FROM live_engagements) FROM groups",
                &["it was waited for0"],
            )
            .await;
        assert!(play.store().dead_letters().await.unwrap().is_empty());
        play.end().await;
    })
    .await;
}
