use proto_events::{Channel, Service};
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;
use store::{NewWebhook, Place, Scratch, Store, StoreConfig, VaultError};

use crate::support::{connect, scratch, sql};

const TOKEN: &str = "xoxb-secret-token";

fn with_key(scratch: &Scratch, key: Option<&str>) -> Store {
    let config = StoreConfig {
        credential_aes_256_key: key.map(SecretString::from),
        ..scratch.config().clone()
    };
    Store::new(&config, "test").unwrap()
}

async fn put_token(store: &Store) {
    store
        .put_settings_secrets(Some(&SecretString::from(TOKEN)), None)
        .await
        .unwrap();
}

async fn token(store: &Store) -> Result<Option<String>, VaultError> {
    let token = store.delivery_settings().await.unwrap().slack_token;
    token.map(|token| token.map(|token| token.expose_secret().to_owned()))
}

async fn put_endpoint(store: &Store, name: &str) {
    let endpoint = NewWebhook {
        name: name.to_owned(),
        url: "https://siem.example".to_owned(),
        header_name: Some("X-Token".to_owned()),
        header_value: Some(SecretString::from(TOKEN)),
        owner: None,
    };
    store.put_webhook(&endpoint).await.unwrap();
}

async fn endpoints(store: &Store) -> Vec<Place> {
    let directory = store.load_directory().await.unwrap();
    let hooks = directory
        .destinations
        .iter()
        .filter(|place| place.channel == Channel::Webhooks);
    let ids: Vec<i64> = hooks.map(|place| place.id).collect();
    store
        .surroundings(Service::WebhookSender, &ids)
        .await
        .unwrap()
        .places
        .into_values()
        .collect()
}

#[tokio::test]
async fn the_table_holds_no_plain_text_and_the_reader_gets_it_back() {
    let scratch = scratch().await;
    put_token(scratch.store()).await;
    let row = sqlx::query("SELECT slack_token FROM system_settings")
        .fetch_one(&mut connect(&scratch).await)
        .await
        .unwrap();
    let stored: Vec<u8> = row.get(0);
    assert!(
        !stored
            .windows(4)
            .any(|bytes| TOKEN.as_bytes().windows(4).any(|plain| plain == bytes))
    );
    assert_eq!(stored.len(), 4 + 12 + TOKEN.len() + 16);
    assert_eq!(
        token(scratch.store()).await.unwrap().as_deref(),
        Some(TOKEN)
    );
    scratch
        .store()
        .put_settings_secrets(None, None)
        .await
        .unwrap();
    assert_eq!(token(scratch.store()).await.unwrap(), None);
}

#[tokio::test]
async fn a_secret_copied_to_another_row_or_altered_cannot_be_read() {
    let scratch = scratch().await;
    for name in ["one", "two"] {
        put_endpoint(scratch.store(), name).await;
    }
    assert!(
        endpoints(scratch.store())
            .await
            .iter()
            .all(|place| matches!(place, Place::Webhook(_)))
    );
    sql(
        &scratch,
        "UPDATE notification_webhooks AS a SET header_value = b.header_value
         FROM notification_webhooks AS b WHERE a.id <> b.id",
    )
    .await
    .unwrap();
    for place in endpoints(scratch.store()).await {
        assert!(
            matches!(place, Place::Sealed(VaultError::Damaged(_))),
            "{place:?}"
        );
    }
    sql(&scratch, "UPDATE system_settings SET slack_token = '\\x00'")
        .await
        .unwrap();
    assert!(matches!(
        token(scratch.store()).await,
        Err(VaultError::Damaged(_))
    ));
}

#[tokio::test]
async fn without_the_key_only_what_is_secret_fails_and_the_variable_is_named() {
    let scratch = scratch().await;
    put_token(scratch.store()).await;
    let keyless = with_key(&scratch, None);
    let settings = keyless.delivery_settings().await.unwrap();
    assert_eq!(settings.settings.email_from, "no-reply@example.com");
    let error = settings.slack_token.unwrap_err().to_string();
    assert!(
        error.contains("DD_CREDENTIAL_AES_256_KEY is not set") && error.contains("openssl"),
        "{error}"
    );
    let error = keyless
        .put_settings_secrets(Some(&SecretString::from("new")), None)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("DD_CREDENTIAL_AES_256_KEY is not set"),
        "{error}"
    );
    let other = with_key(&scratch, Some(&"ab".repeat(32)));
    assert!(matches!(token(&other).await, Err(VaultError::OtherKey(_))));
}

#[tokio::test]
async fn keys_rotate_the_first_encrypts_and_all_decrypt() {
    let scratch = scratch().await;
    let (old, new) = ("00".repeat(32), "ff".repeat(32));
    put_token(&with_key(&scratch, Some(&old))).await;
    let both = with_key(&scratch, Some(&format!("{new}, {old}")));
    assert_eq!(token(&both).await.unwrap().as_deref(), Some(TOKEN));
    put_token(&both).await;
    assert_eq!(
        token(&with_key(&scratch, Some(&new)))
            .await
            .unwrap()
            .as_deref(),
        Some(TOKEN)
    );
}

#[tokio::test]
async fn hex_and_base64_write_the_same_key_and_anything_else_is_refused_unquoted() {
    let scratch = scratch().await;
    put_token(&with_key(&scratch, Some(&"00".repeat(32)))).await;
    let base64 = format!("{}=", "A".repeat(43));
    assert_eq!(
        token(&with_key(&scratch, Some(&base64)))
            .await
            .unwrap()
            .as_deref(),
        Some(TOKEN)
    );
    for bad in [
        "short",
        &"+f".repeat(32),
        &format!("{base64},{}", "A".repeat(20)),
    ] {
        let config = StoreConfig {
            credential_aes_256_key: Some(bad.into()),
            ..scratch.config().clone()
        };
        let error = Store::new(&config, "test").unwrap_err().to_string();
        assert!(
            error.starts_with("DD_CREDENTIAL_AES_256_KEY") && !error.contains(bad),
            "{error}"
        );
    }
}

#[tokio::test]
async fn no_debug_output_shows_a_secret() {
    let scratch = scratch().await;
    put_token(scratch.store()).await;
    put_endpoint(scratch.store(), "one").await;
    let shown = format!(
        "{:?} {:?} {:?}",
        scratch.store().delivery_settings().await.unwrap(),
        endpoints(scratch.store()).await,
        scratch
    );
    assert!(!shown.contains(TOKEN), "{shown}");
}
