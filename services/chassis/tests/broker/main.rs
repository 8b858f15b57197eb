//! Sessions with a real broker (`DD_BROKER_URL`), each test under a prefix of its own.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod consuming;
mod opening;
mod publishing;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chassis::Runtime;
use chassis::broker::{Headers, Outgoing, Session, Topology};
use chassis::config::BrokerConfig;
use clap::Parser;
use futures_util::FutureExt;
use lapin::{Channel, Connection, ConnectionProperties};
use secrecy::ExposeSecret;

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    broker: BrokerConfig,
}

/// Runs a test under its own prefix, and removes what it left, also when it fails.
async fn under_a_prefix(test: impl AsyncFnOnce(BrokerConfig)) {
    let prefix = format!("test-{}", uuid::Uuid::new_v4().simple());
    let prefix = &prefix[..20];
    let config =
        Command::parse_from(["test", "--broker-prefix", prefix, "--retry-ladder", "1,30"]).broker;
    let result = AssertUnwindSafe(tokio::time::timeout(
        Duration::from_secs(60),
        test(config.clone()),
    ))
    .catch_unwind()
    .await;
    let session = Session::open(&config, "clean up").await.unwrap();
    Topology::new(&config.broker_prefix, &config.retry_ladder)
        .remove(&session)
        .await
        .unwrap();
    session.close().await;
    match result {
        Ok(done) => done.expect("the test took more than 60 s"),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn event(config: &BrokerConfig, body: &str) -> Outgoing {
    Outgoing {
        exchange: config.broker_prefix.events(),
        routing_key: "scan_added".to_owned(),
        content_type: "application/json",
        message_id: "1".to_owned(),
        headers: Headers::first(1_700_000_000_000, Some(TRACE.to_owned())),
        body: body.as_bytes().to_vec(),
    }
}

/// A channel that none of our code is behind.
async fn raw(config: &BrokerConfig) -> Channel {
    let url = config.broker_url.expose_secret();
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .unwrap();
    connection.create_channel().await.unwrap()
}

fn sessions(runtime: &Runtime, side: &str) -> u64 {
    let sessions = &runtime.metrics.broker_sessions;
    sessions.with_label_values(&[side]).get()
}
