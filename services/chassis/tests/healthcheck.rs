//! What `SERVICE healthcheck` says of a service.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

use std::net::SocketAddr;
use std::time::Duration;

use chassis::health::Health;
use chassis::metrics::Metrics;
use chassis::{healthcheck, http};
use tokio_util::sync::CancellationToken;

/// Serves health on a free port of every address.
async fn serve(health: &Health) -> (SocketAddr, CancellationToken) {
    let done = CancellationToken::new();
    let listen = "0.0.0.0:0".parse().unwrap();
    let metrics = Metrics::new("test").unwrap();
    let address = http::serve(listen, health.clone(), metrics, done.clone());
    (address.await.unwrap(), done)
}

async fn ask(address: SocketAddr) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(move || healthcheck::ask(address))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_ready_service_is_healthy_and_one_that_is_not_says_what_ails_it() {
    let health = Health::default();
    let (address, _done) = serve(&health).await;
    assert!(ask(address).await.is_ok());

    let database = health.part("database");
    database.down("it is away");
    let said = ask(address).await.unwrap_err().to_string();
    assert!(said.starts_with("not ready: "), "{said}");
    assert!(said.contains("it is away"), "{said}");

    database.up();
    assert!(ask(address).await.is_ok());
}

#[tokio::test]
async fn where_nobody_listens_is_nobody_healthy() {
    let (address, done) = serve(&Health::default()).await;
    done.cancel();
    let gone = async {
        while ask(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(60), gone).await;
    gone.expect("it answers no more once it is done");
    let said = format!("{:#}", ask(address).await.unwrap_err());
    assert!(said.contains("DD_HTTP_LISTEN"), "{said}");
}
