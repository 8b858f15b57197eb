use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use store::{NewWebhook, Store};

use crate::support::{refused_by, scratch, sql};

const DAY: Duration = Duration::from_secs(86_400);

fn endpoint(name: &str) -> NewWebhook {
    NewWebhook {
        name: name.to_owned(),
        url: "https://siem.example".to_owned(),
        header_name: None,
        header_value: None,
        owner: None,
    }
}

async fn secrets(store: &Store, id: i64) -> Vec<String> {
    let endpoint = store.webhook_endpoint(id).await.unwrap().unwrap();
    let all = endpoint.signing_secrets.iter();
    all.map(|secret| secret.expose_secret().to_owned())
        .collect()
}

#[tokio::test]
async fn a_secret_is_made_replaced_and_removed_and_two_sign_while_it_is_replaced() {
    let scratch = scratch().await;
    let store = scratch.store();
    let id = store.add_webhook(&endpoint("siem")).await.unwrap().unwrap();
    let secret = |text: &str| SecretString::from(text);
    let rotate = |text: &'static str, overlap| async move {
        let secret = SecretString::from(text);
        store
            .rotate_webhook_secret(id, &secret, overlap)
            .await
            .unwrap()
    };
    assert!(!rotate("none yet", DAY).await, "nothing to replace");
    assert!(store.add_webhook_secret(id, &secret("one")).await.unwrap());
    assert!(
        !store
            .add_webhook_secret(id, &secret("other"))
            .await
            .unwrap()
    );
    assert_eq!(secrets(store, id).await, ["one"]);
    assert!(rotate("two", DAY).await);
    assert_eq!(secrets(store, id).await, ["two", "one"]);
    assert!(rotate("three", Duration::ZERO).await);
    assert_eq!(
        secrets(store, id).await,
        ["three"],
        "its time was over at once"
    );
    assert!(store.remove_webhook_secret(id).await.unwrap());
    assert!(secrets(store, id).await.is_empty());
    assert!(!store.remove_webhook_secret(id).await.unwrap());
}

#[tokio::test]
async fn secrets_lie_encrypted_and_belong_to_their_row() {
    let scratch = scratch().await;
    let store = scratch.store();
    for name in ["one", "two"] {
        let id = store.add_webhook(&endpoint(name)).await.unwrap().unwrap();
        let secret = SecretString::from(format!("whsec_{name}"));
        assert!(store.add_webhook_secret(id, &secret).await.unwrap());
    }
    let plain = "UPDATE notification_webhooks SET note = 'seen' WHERE position('whsec'::bytea IN signing_secret) > 0";
    assert_eq!(sql(&scratch, plain).await.unwrap(), 0);
    let swap = "UPDATE notification_webhooks AS a SET signing_secret = b.signing_secret
                FROM notification_webhooks AS b WHERE a.id <> b.id";
    sql(&scratch, swap).await.unwrap();
    assert!(store.webhook_endpoint(1).await.is_err());
    let alone = "UPDATE notification_webhooks SET previous_signing_secret = signing_secret";
    assert_eq!(
        refused_by(&scratch, alone).await,
        "notification_webhooks_previous_secret_has_an_end"
    );
}

#[tokio::test]
async fn a_name_is_given_once() {
    let scratch = scratch().await;
    let store = scratch.store();
    assert!(
        store
            .add_webhook(&endpoint("siem"))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(store.add_webhook(&endpoint("siem")).await.unwrap(), None);
    assert!(store.webhook_endpoint(99).await.unwrap().is_none());
}
