use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use sqlx::Connection;
use store::{Scratch, Store, StoreConfig, StoreError, create_database, drop_database};
use url::Url;

use crate::support::{connect, scratch, sql};

/// Every step that was made: its number, the checksum of its text, and when.
async fn steps(scratch: &Scratch) -> Vec<(i64, Vec<u8>, DateTime<Utc>)> {
    let made = "SELECT version, checksum, installed_on FROM _sqlx_migrations ORDER BY version";
    sqlx::query_as(made)
        .fetch_all(&mut connect(scratch).await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_migrated_database_is_current_and_migrating_again_changes_nothing() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.ready().await.unwrap();
    let before = steps(&scratch).await;
    assert!(!before.is_empty());
    store.migrate().await.unwrap();
    assert_eq!(steps(&scratch).await, before);
    assert!(store.schema_is_current().await.unwrap());
}

#[tokio::test]
async fn a_database_with_a_step_missing_or_none_at_all_is_not_current() {
    let scratch = scratch().await;
    sql(&scratch, "DELETE FROM _sqlx_migrations WHERE version = 3")
        .await
        .unwrap();
    assert!(!scratch.store().schema_is_current().await.unwrap());
    sql(&scratch, "DROP TABLE _sqlx_migrations").await.unwrap();
    let error = scratch.store().ready().await.unwrap_err();
    assert!(
        error.is_temporary() && error.to_string().contains("notifyctl migrate"),
        "{error}"
    );
}

#[tokio::test]
async fn creating_and_dropping_a_database_twice_is_no_error() {
    let scratch = scratch().await;
    let url = &scratch.config().database_url;
    create_database(url).await.unwrap();
    drop_database(url).await.unwrap();
    drop_database(url).await.unwrap();
    let error = scratch.store().ping().await.unwrap_err();
    assert!(
        matches!(error, StoreError::Unreachable(_)) && error.is_temporary(),
        "{error}"
    );
}

#[tokio::test]
async fn a_service_may_start_before_its_server_and_hears_that_it_is_away() {
    let away = with_url("postgres://postgres:hunter2@127.0.0.1:1/none");
    let error = Store::new(&away, "test").unwrap().ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(_)), "{error}");
    assert!(
        error.to_string().contains("DD_DATABASE_URL") && !error.to_string().contains("hunter2"),
        "{error}"
    );
}

#[tokio::test]
async fn a_url_that_is_none_is_named_without_its_password() {
    let error = Store::new(&with_url("postgres://me:hunter2@host:port/x"), "test").unwrap_err();
    assert!(error.to_string().starts_with("DD_DATABASE_URL"), "{error}");
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_statement_that_hangs_is_ended_but_a_migration_waits() {
    let scratch = scratch().await;
    let mut url = Url::parse(scratch.config().database_url.expose_secret()).unwrap();
    url.query_pairs_mut()
        .append_pair("options[statement_timeout]", "100ms");
    let store = Store::new(&with_url(url.as_str()), "impatient").unwrap();
    let mut connection = connect(&scratch).await;
    let mut holding = connection.begin().await.unwrap();
    sqlx::query("LOCK TABLE _sqlx_migrations")
        .execute(&mut *holding)
        .await
        .unwrap();

    let migrating = store.migrate();
    let meanwhile = async {
        let waits = "SELECT FROM pg_stat_activity WHERE datname = current_database()
                     AND application_name = 'impatient' AND wait_event_type = 'Lock'";
        let waiting = async {
            while sql(&scratch, waits).await.unwrap() == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waiting = tokio::time::timeout(Duration::from_secs(60), waiting).await;
        waiting.expect("the migration waits for the table");
        // Takes as long as the migration would have had.
        let error = store.schema_is_current().await.unwrap_err();
        assert!(
            error.is_temporary() && error.to_string().contains("statement timeout"),
            "{error}"
        );
        holding.rollback().await.unwrap();
    };
    let (migrated, ()) = tokio::join!(migrating, meanwhile);
    migrated.unwrap();
}

fn with_url(url: &str) -> StoreConfig {
    StoreConfig {
        database_url: SecretString::from(url),
        credential_aes_256_key: None,
        database_connections: std::num::NonZeroU32::MIN.saturating_add(1),
    }
}

#[tokio::test]
async fn a_scratch_database_goes_with_its_value() {
    let scratch = scratch().await;
    let store = Store::new(scratch.config(), "test").unwrap();
    store.ping().await.unwrap();
    drop(scratch);
    assert!(matches!(
        store.ping().await,
        Err(StoreError::Unreachable(_))
    ));
}
