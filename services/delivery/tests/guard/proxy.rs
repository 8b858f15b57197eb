//! Where the operator gives webhooks a proxy.

use std::sync::Arc;

use delivery::endpoint::Endpoints;
use secrecy::SecretString;

use crate::canary::Front;
use crate::names::Names;
use crate::{attempt, config, endpoints};

#[tokio::test]
async fn a_proxy_looks_names_up_and_what_is_written_is_judged_all_the_same() {
    let proxy = Front::start().await;
    let mut config = config("", "");
    config.webhook_proxy = Some(SecretString::from(format!("http://{}", proxy.address)));
    let endpoints = endpoints(&config, Arc::new(Names::default()));
    let answer = attempt(&endpoints, "http://private.test/").await.unwrap();
    assert_eq!(answer.status, 200, "the proxy took it");
    assert!(attempt(&endpoints, "http://127.0.0.1/").await.is_err());
    assert!(
        attempt(&endpoints, "http://user@private.test/")
            .await
            .is_err()
    );
}

#[test]
fn a_proxy_that_is_none_is_said_without_its_password() {
    for address in ["socks5://me:secret@proxy", "proxy secret"] {
        let mut config = config("", "");
        config.webhook_proxy = Some(SecretString::from(address));
        let made = Endpoints::new("https://dojo.example", None, &config);
        let error = made.err().unwrap().to_string();
        assert_eq!(error, "DD_WEBHOOK_PROXY is no http or https address");
    }
}
