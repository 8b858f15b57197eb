//! What is told of a change, to whom, and when.

use std::pin::pin;
use std::time::Duration;

use chrono::Utc;
use futures_util::poll;
use proto_events::directory::{
    GroupMember, Member, Membership, RuleChannels, RuleScope, Securable, Snapshot, User,
};
use sqlx::Connection;
use store::{NewRule, NewWebhook, News, SlackLookup};

use super::Following;
use crate::support::{
    connect, mailed, put_alice_and_bob, put_one_product, scratch, settings, sql, user,
};

/// The number of rows that a delta holds.
fn rows(now: &Snapshot) -> usize {
    now.users.len()
        + now.product_types.len()
        + now.products.len()
        + now.deleted_product_types.len()
        + now.deleted_products.len()
        + now.groups.len()
        + now.group_members.len()
        + now.memberships.len()
        + now.rules.len()
        + now.destinations.len()
}

#[tokio::test]
async fn each_change_is_told_once_with_the_rows_that_it_touched_and_what_they_say_now() {
    let scratch = scratch().await;
    let store = scratch.store();
    put_alice_and_bob(store).await;
    put_one_product(store).await;
    let membership = Membership {
        member: Member::User(1),
        of: Securable::Product(10),
        role: None,
    };
    store.put_memberships(&[membership]).await.unwrap();
    let mut following = Following::from_now(&scratch).await;
    // The statement, and how many rows are named and read.
    for (statement, named, read) in [
        ("UPDATE users SET active = false WHERE id = 1", 1, 1),
        ("UPDATE users SET deleted_at = now() WHERE id = 2", 1, 0),
        ("UPDATE products SET tags = '{}'", 1, 1),
        ("UPDATE product_types SET deleted_at = now()", 1, 1),
        ("INSERT INTO groups (id, name) VALUES (5, 'Auditors')", 1, 1),
        (
            "INSERT INTO group_members (group_id, user_id) VALUES (5, 1), (5, 2)",
            2,
            2,
        ),
        ("DELETE FROM groups", 3, 0),
        ("UPDATE memberships SET role = 'Owner'", 1, 1),
        ("DELETE FROM memberships", 1, 0),
        ("UPDATE rules SET channels = '{\"other\": []}'", 3, 3),
        ("DELETE FROM rules WHERE scope = 'personal'", 2, 0),
        ("UPDATE system_settings SET team_name = 'Blue'", 0, 0),
        (
            "INSERT INTO notification_webhooks (name, url) VALUES ('siem', 'https://siem.example')",
            1,
            1,
        ),
        ("DELETE FROM notification_webhooks", 1, 0),
        ("UPDATE products SET id = 11", 2, 1),
    ] {
        sql(&scratch, statement).await.unwrap();
        let News::Delta(delta) = following.news().await else {
            panic!("{statement}")
        };
        let touched = delta.touched;
        let ids = [
            touched.users,
            touched.product_types,
            touched.products,
            touched.groups,
            touched.group_members,
            touched.memberships,
            touched.rules,
            touched.destinations,
        ];
        assert_eq!(ids.concat().len(), named, "{statement}");
        assert_eq!(rows(&delta.now), read, "{statement}");
        assert!(following.is_told_nothing().await, "{statement}");
    }
}

#[tokio::test]
async fn what_a_delta_says_is_what_a_load_says() {
    let scratch = scratch().await;
    let store = scratch.store();
    let mut following = Following::from_now(&scratch).await;
    store.put_users(&[mailed(1, "alice")]).await.unwrap();
    put_one_product(store).await;
    let link = GroupMember { group: 5, user: 1 };
    sql(
        &scratch,
        "INSERT INTO groups VALUES (5, 'Auditors', 'Owner')",
    )
    .await
    .unwrap();
    store.put_group_members(&[link]).await.unwrap();
    store.put_settings(&settings()).await.unwrap();
    let delta = following.delta().await;
    let mut all = store.load_directory().await.unwrap();
    assert!(all.version >= delta.now.version);
    all.version = delta.now.version;
    // The system's rule was there before.
    all.rules.retain(|rule| rule.scope != RuleScope::System);
    assert_eq!(delta.now, all);
}

#[tokio::test]
async fn writing_the_same_again_tells_nobody() {
    let scratch = scratch().await;
    let store = scratch.store();
    let rule = NewRule {
        scope: RuleScope::System,
        channels: RuleChannels::NONE,
    };
    let put_all = async || {
        store.put_users(&[mailed(1, "alice")]).await.unwrap();
        put_one_product(store).await;
        store.put_rules(&[rule]).await.unwrap();
        store.put_settings(&settings()).await.unwrap();
    };
    put_all().await;
    let mut following = Following::from_now(&scratch).await;
    put_all().await;
    assert!(following.is_told_nothing().await);
}

#[tokio::test]
async fn an_endpoint_that_fails_is_no_change_of_the_directory() {
    let scratch = scratch().await;
    let store = scratch.store();
    let endpoint = NewWebhook {
        name: "siem".to_owned(),
        url: "https://siem.example".to_owned(),
        header_name: None,
        header_value: None,
        owner: None,
    };
    let id = store.put_webhook(&endpoint).await.unwrap();
    let mut following = Following::from_now(&scratch).await;
    sql(
        &scratch,
        "UPDATE notification_webhooks SET status = 'inactive_tmp', last_error = now()",
    )
    .await
    .unwrap();
    assert!(following.is_told_nothing().await);
    store.switch_off_webhook(id).await.unwrap();
    assert!(following.delta().await.now.destinations[0].switched_off);
}

#[tokio::test]
async fn a_slack_id_that_was_found_out_is_no_change_of_the_directory() {
    let scratch = scratch().await;
    let store = scratch.store();
    let with_slack = |email: &str| User {
        slack_email: Some(email.to_owned()),
        ..user(1, "alice")
    };
    store.put_users(&[with_slack("a@slack")]).await.unwrap();
    let mut following = Following::from_now(&scratch).await;
    let found = SlackLookup {
        id: Some("U77".to_owned()),
        at: Utc::now(),
    };
    store
        .remember_slack_lookup(1, "a@slack", &found)
        .await
        .unwrap();
    assert!(following.is_told_nothing().await);
    store.put_users(&[with_slack("b@slack")]).await.unwrap();
    assert_eq!(following.delta().await.now.users.len(), 1);
}

#[tokio::test]
async fn a_transaction_that_commits_after_later_ones_is_told_when_it_commits() {
    let scratch = scratch().await;
    let store = scratch.store();
    put_one_product(store).await;
    let mut following = Following::from_now(&scratch).await;
    let mut connection = connect(&scratch).await;
    let mut slow = connection.begin().await.unwrap();
    sqlx::query("UPDATE products SET name = 'Slow'")
        .execute(&mut *slow)
        .await
        .unwrap();
    for name in ["quick", "quicker"] {
        store.put_users(&[user(1, name)]).await.unwrap();
        let delta = following.delta().await;
        assert_eq!(delta.now.users[0].username, name);
        assert!(delta.touched.products.is_empty());
        assert!(following.is_told_nothing().await, "nothing is told twice");
    }
    slow.commit().await.unwrap();
    let delta = following.delta().await;
    assert_eq!(delta.now.products[0].name, "Slow");
    assert!(delta.touched.users.is_empty());
}

#[tokio::test]
async fn a_version_rises_above_what_was_committed_before_it() {
    let scratch = scratch().await;
    let mut following = Following::from_now(&scratch).await;
    scratch
        .store()
        .put_users(&[user(1, "alice")])
        .await
        .unwrap();
    let wanted = scratch.store().directory_version().await.unwrap();
    // Other databases of the server may have transactions under way.
    for _ in 0..500 {
        following.news().await;
        if following.moment.version() >= wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} stays below {wanted}", following.moment.version());
}

#[tokio::test]
async fn a_table_that_was_emptied_is_to_be_read_anew() {
    let scratch = scratch().await;
    let mut following = Following::from_now(&scratch).await;
    sql(&scratch, "TRUNCATE memberships").await.unwrap();
    assert!(matches!(following.news().await, News::Unknown(_)));
    assert!(following.is_told_nothing().await);
}

#[tokio::test]
async fn who_listens_is_woken_by_a_change_when_it_commits() {
    let scratch = scratch().await;
    let url = &scratch.config().database_url;
    let mut wake_ups = scratch.store().wake_ups(Some(url)).unwrap();
    // It listens from here on.
    wake_ups.next().await.unwrap();
    let mut connection = connect(&scratch).await;
    let mut change = connection.begin().await.unwrap();
    sqlx::query("INSERT INTO users (id, username, active) VALUES (1, 'alice', true)")
        .execute(&mut *change)
        .await
        .unwrap();
    let mut woken = pin!(wake_ups.next());
    assert!(poll!(&mut woken).is_pending());
    change.commit().await.unwrap();
    woken.await.unwrap();
}
