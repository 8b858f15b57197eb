//! What is gone upstream, and drift.

use proto_events::Kind;
use serde_json::json;

use crate::play::Play;

#[tokio::test]
async fn what_is_gone_there_is_deleted_here_only_when_asked_to() {
    let mut play = Play::begin().await;
    play.import().await;
    play.dojo.remove("users", 9);
    play.dojo.remove("findings", 1);
    play.dojo.change("products", |all| {
        all[1]["authorized_users"] = json!([10, 5]);
    });
    play.import().await;
    assert_eq!(play.directory().await.users.len(), 11);

    let report = play.reconcile().await;
    let deleted = |kind| report.tallies.get(&kind).map_or(0, |tally| tally.deleted);
    assert_eq!(
        [Kind::User, Kind::Finding, Kind::Membership, Kind::Product].map(deleted),
        [1, 1, 1, 0]
    );
    let directory = play.directory().await;
    assert!(directory.users.iter().all(|user| user.id != 9));
    assert_eq!(directory.memberships.len(), 14);
    assert_eq!(
        play.texts("SELECT count(*)::text FROM live_findings").await,
        ["48"]
    );
}

#[tokio::test]
async fn what_hangs_below_something_gone_goes_with_it() {
    let mut play = Play::begin().await;
    play.import().await;
    play.dojo.remove("products", 1);
    play.dojo
        .change("engagements", |all| all.retain(|it| it["product"] != 1));
    for list in ["tests", "findings", "risk_acceptance"] {
        play.dojo.change(list, Vec::clear);
    }
    play.dojo.take_requests();
    play.reconcile().await;
    let live = "SELECT count(*)::text FROM live_engagements WHERE product = 1";
    assert_eq!(play.texts(live).await, ["0"]);
    let asked = play.dojo.take_requests();
    assert!(
        !asked.contains(&"engagements/1/".to_owned()),
        "out of sight already"
    );
}

#[tokio::test]
async fn what_drifted_here_is_as_there_again() {
    let mut play = Play::begin().await;
    play.import().await;
    let before = play.directory().await;
    play.sql("UPDATE users SET email = 'wrong@example.org', superuser = true WHERE id = 2")
        .await;
    play.sql("UPDATE products SET deleted_at = now() WHERE id = 3")
        .await;
    play.sql("DELETE FROM memberships WHERE user_id = 10").await;
    play.sql("INSERT INTO memberships (user_id, product_id) VALUES (9, 1)")
        .await;
    play.sql("INSERT INTO groups (id, name, global_role) VALUES (1, 'Everybody', 'Reader')")
        .await;
    play.reconcile().await;
    let after = play.directory().await;
    assert_eq!(after.users, before.users);
    assert_eq!(after.products, before.products);
    assert_eq!(after.groups, []);
    let sorted = |mut memberships: Vec<_>| {
        memberships.sort_by_key(|it| format!("{it:?}"));
        memberships
    };
    assert_eq!(sorted(after.memberships), sorted(before.memberships));
}

#[tokio::test]
async fn what_a_list_passed_over_is_asked_for_before_it_is_deleted() {
    let mut play = Play::begin().await;
    play.import().await;
    play.dojo
        .change("users", |all| all[8]["hidden"] = json!(true));
    let report = play.reconcile().await;
    assert_eq!(report.tallies[&Kind::User].deleted, 0);
    assert_eq!(play.directory().await.users.len(), 11);
}

#[tokio::test]
async fn a_reconciliation_that_is_cut_off_deletes_nothing_until_everything_is_read() {
    let mut play = Play::begin().await;
    play.import().await;
    play.dojo.remove("users", 9);
    play.dojo
        .fail("findings/?limit=10&offset=20", 99, 500, None);
    play.options.reconcile = true;
    play.failure().await;
    assert_eq!(play.directory().await.users.len(), 11);
    play.dojo.mend();
    let report = play.reconcile().await;
    assert_eq!(report.tallies[&Kind::User].deleted, 1);
    let deleted: u64 = report.tallies.values().map(|tally| tally.deleted).sum();
    assert_eq!(
        deleted, 1,
        "what the first part had read is not taken for gone"
    );
}

#[tokio::test]
async fn a_user_who_takes_over_the_name_of_one_who_is_gone_gets_a_place() {
    let mut play = Play::begin().await;
    play.import().await;
    play.dojo.remove("users", 9);
    play.dojo
        .change("users", |all| all[1]["username"] = json!("nobody.nils"));
    let report = play.reconcile().await;
    assert_eq!(report.tallies[&Kind::User].deleted, 1);
    let users = play.directory().await.users;
    assert_eq!(
        users.iter().find(|it| it.id == 2).unwrap().username,
        "nobody.nils"
    );
}

#[tokio::test]
async fn nothing_is_reconciled_with_the_token_of_somebody_who_does_not_see_everything() {
    let mut play = Play::begin().await;
    play.dojo.take_superuser_away();
    let report = play.import().await;
    assert!(report.notes[1].contains("what they may not see is not imported"));
    play.options.reconcile = true;
    let said = play.failure().await;
    assert!(said.contains("ingrid.holm, who is no superuser"), "{said}");
}
