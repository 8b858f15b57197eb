use proto_events::directory::{Member, Membership, RuleChannels, RuleScope, Securable, User};
use secrecy::ExposeSecret;
use sqlx::Connection;
use sqlx::postgres::PgListener;
use store::{NewRule, NewWebhook};

use crate::support::{connect, mailed, put_one_product, scratch, settings, sql, user};

#[tokio::test]
async fn every_change_of_the_directory_changes_its_version() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[user(1, "alice")]).await.unwrap();
    put_one_product(store).await;
    let membership = Membership {
        member: Member::User(1),
        of: Securable::Product(10),
        role: None,
    };
    store.put_memberships(&[membership]).await.unwrap();
    for statement in [
        "UPDATE users SET active = false",
        "UPDATE products SET tags = '{}'",
        "UPDATE product_types SET deleted_at = now()",
        "INSERT INTO groups (id, name) VALUES (5, 'Auditors')",
        "INSERT INTO group_members (group_id, user_id) VALUES (5, 1)",
        "DELETE FROM group_members",
        "UPDATE memberships SET role = 'Owner'",
        "DELETE FROM memberships",
        "UPDATE rules SET channels = '{\"other\": []}'",
        "DELETE FROM rules WHERE scope = 'personal'",
        "UPDATE system_settings SET team_name = 'Blue'",
        "INSERT INTO notification_webhooks (name, url) VALUES ('siem', 'https://siem.example')",
        "DELETE FROM notification_webhooks",
    ] {
        let before = store.directory_version().await.unwrap();
        sql(&scratch, statement).await.unwrap();
        assert!(
            store.directory_version().await.unwrap() > before,
            "{statement}"
        );
    }
}

#[tokio::test]
async fn writing_the_same_again_changes_no_version() {
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
        store.directory_version().await.unwrap()
    };
    let first = put_all().await;
    assert_eq!(put_all().await, first);
}

#[tokio::test]
async fn an_endpoint_that_fails_does_not_make_the_router_reload() {
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
    let version = store.directory_version().await.unwrap();
    sql(
        &scratch,
        "UPDATE notification_webhooks SET status = 'inactive_tmp', last_error = now()",
    )
    .await
    .unwrap();
    assert_eq!(store.directory_version().await.unwrap(), version);
    store.switch_off_webhook(id).await.unwrap();
    assert!(store.directory_version().await.unwrap() > version);
}

#[tokio::test]
async fn a_slack_id_that_was_found_out_does_not_make_the_router_reload() {
    let scratch = scratch().await;
    let store = scratch.store();
    let with_slack = |email: &str| User {
        slack_email: Some(email.to_owned()),
        ..user(1, "alice")
    };
    store.put_users(&[with_slack("a@slack")]).await.unwrap();
    let version = store.directory_version().await.unwrap();
    store
        .remember_slack_user(1, "a@slack", "U77")
        .await
        .unwrap();
    assert_eq!(
        store.load_directory().await.unwrap().users[0].slack_user_id,
        Some("U77".to_owned())
    );
    assert_eq!(store.directory_version().await.unwrap(), version);
    store.put_users(&[with_slack("b@slack")]).await.unwrap();
    assert!(store.directory_version().await.unwrap() > version);
}

#[tokio::test]
async fn a_transaction_that_commits_after_later_ones_still_changes_the_version() {
    let scratch = scratch().await;
    let store = scratch.store();
    put_one_product(store).await;
    let mut connection = connect(&scratch).await;
    let mut slow = connection.begin().await.unwrap();
    sqlx::query("UPDATE products SET name = 'Slow'")
        .execute(&mut *slow)
        .await
        .unwrap();
    store.put_users(&[user(1, "quick")]).await.unwrap();
    let between = store.load_directory().await.unwrap();
    assert_eq!(between.products[0].name, "Shop");
    slow.commit().await.unwrap();
    assert!(store.directory_version().await.unwrap() > between.version);
    assert_eq!(
        store.load_directory().await.unwrap().products[0].name,
        "Slow"
    );
}

#[tokio::test]
async fn who_listens_is_woken_by_a_change_when_it_commits() {
    let scratch = scratch().await;
    let mut listener = PgListener::connect(scratch.config().database_url.expose_secret())
        .await
        .unwrap();
    listener.listen("dojo_directory").await.unwrap();
    scratch
        .store()
        .put_users(&[user(1, "alice")])
        .await
        .unwrap();
    assert_eq!(listener.recv().await.unwrap().channel(), "dojo_directory");
}
