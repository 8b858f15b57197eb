//! `notifyctl rekey`: every secret under the newest key.

use notifyctl::stage::{Servers, World};
use secrecy::SecretString;
use store::NewWebhook;

use crate::operator::{run_in, words};

const KEY: &str = "DD_CREDENTIAL_AES_256_KEY";
const NEW: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

#[tokio::test]
async fn every_secret_comes_under_the_newest_key_and_the_old_key_can_go() {
    let servers = Servers::from_environment().unwrap();
    let world = World::create("test", &servers, "1,2".parse().unwrap())
        .await
        .unwrap();
    let store = world.store();
    let token = SecretString::from("xoxb-secret");
    store
        .put_settings_secrets(Some(&token), Some(&token))
        .await
        .unwrap();
    let webhook = NewWebhook {
        name: "siem".to_owned(),
        url: "https://siem.example/".to_owned(),
        header_name: Some("X-Key".to_owned()),
        header_value: Some(token.clone()),
        owner: None,
    };
    store.put_webhook(&webhook).await.unwrap();
    let environment = world.environment();
    let (_, old) = environment.iter().find(|(name, _)| *name == KEY).unwrap();
    let both = format!("{NEW},{old}");

    let without = run_in(&world, &["rekey"], &[(KEY, NEW)]).await;
    assert_eq!(without.status.code(), Some(1));
    assert!(
        words(&without).contains("3 cannot be read"),
        "{}",
        words(&without)
    );
    let first = run_in(&world, &["rekey"], &[(KEY, &both)]).await;
    assert!(first.status.success(), "{}", words(&first));
    assert!(
        words(&first).contains("Of 3 secrets 3 are under the newest key now"),
        "{}",
        words(&first)
    );
    let again = run_in(&world, &["rekey"], &[(KEY, NEW)]).await;
    assert!(again.status.success(), "{}", words(&again));
    assert!(
        words(&again).contains("0 are under the newest key now, 3 were before"),
        "{}",
        words(&again)
    );
    world.close().await.unwrap();
}
