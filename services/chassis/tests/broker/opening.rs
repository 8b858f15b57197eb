//! Sessions that do not come about at once.

use std::time::Duration;

use chassis::Runtime;
use chassis::broker::{Consumer, Publisher, Session, Topology};
use clap::Parser;
use proto_events::Service;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{Command, under_a_prefix};

/// How long something may take that takes a moment.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_broker_that_is_away_is_said_in_the_readiness_without_its_password() {
    let arguments = [
        "test",
        "--broker-url",
        "amqp://user:hunter2@127.0.0.1:9/%2f",
    ];
    let config = Command::parse_from(arguments).broker;
    let runtime = Runtime::new("test").unwrap();
    let mut consumer = Consumer::new(&config, Service::EventRouter, &runtime);
    let health = runtime.health.clone();
    let reader = tokio::spawn(async move { consumer.chunk(1).await.is_none() });
    let told = async {
        loop {
            let found = health
                .ailments()
                .get("broker (consume)")
                .filter(|ailment| ailment.contains("cannot connect"))
                .cloned();
            if let Some(ailment) = found {
                break ailment;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let told = tokio::time::timeout(PATIENCE, told).await;
    let ailment = told.expect("the readiness says that the broker is away");
    assert!(!ailment.contains("hunter2"), "{ailment}");
    assert!(!format!("{config:?}").contains("hunter2"));
    runtime.stop.cancel();
    assert!(reader.await.unwrap());
}

#[tokio::test]
async fn a_publisher_closes_while_the_broker_is_away() {
    let config = Command::parse_from(["test", "--broker-url", "amqp://127.0.0.1:9/%2f"]).broker;
    let publisher = Publisher::start(&config, &Runtime::new("test").unwrap());
    let closed = tokio::time::timeout(Duration::from_secs(20), publisher.close()).await;
    closed.expect("it waits for a broker that it has no use for");
}

#[tokio::test]
async fn a_broker_that_says_nothing_is_hung_up_on_and_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("amqp://{}/%2f", listener.local_addr().unwrap());
    let config = Command::parse_from(["test", "--broker-url", &url]).broker;
    let publisher = Publisher::start(&config, &Runtime::new("test").unwrap());
    let (mut first, _) = listener.accept().await.unwrap();
    let mut said = Vec::new();
    let hung_up = tokio::time::timeout(PATIENCE, first.read_to_end(&mut said)).await;
    hung_up
        .expect("the connection is left open for ever")
        .unwrap();
    assert!(said.starts_with(b"AMQP"));
    let again = tokio::time::timeout(PATIENCE, listener.accept()).await;
    again.expect("it is tried again").unwrap();
    publisher.close().await;
}

#[tokio::test]
async fn a_broker_that_dies_while_a_connection_is_opened_is_tried_again_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("amqp://{}/%2f", listener.local_addr().unwrap());
    let config = Command::parse_from(["test", "--broker-url", &url]).broker;
    let publisher = Publisher::start(&config, &Runtime::new("test").unwrap());
    let dying = async {
        for _ in 0..5 {
            let (mut peer, _) = listener.accept().await.unwrap();
            peer.read_exact(&mut [0; 8]).await.unwrap();
            peer.write_all(CONNECTION_START).await.unwrap();
        }
    };
    // No answer at all would be waited for longer than that.
    let noticed = tokio::time::timeout(Duration::from_secs(12), dying).await;
    noticed.expect("the end of the connection is noticed");
    publisher.close().await;
}

#[tokio::test]
async fn checking_a_topology_names_what_is_missing() {
    under_a_prefix(async |config| {
        let topology = Topology::new(&config.broker_prefix, &config.retry_ladder);
        let session = Session::open(&config, "check").await.unwrap();
        let error = topology.check(&session).await.unwrap_err().to_string();
        assert!(error.contains(&config.broker_prefix.events()), "{error}");
        let session = Session::open(&config, "apply").await.unwrap();
        topology.apply(&session).await.unwrap();
        topology.check(&session).await.unwrap();
        session.close().await;
    })
    .await;
}

/// The first frame that a broker sends (AMQP 0-9-1, 1.4.2.1): no properties, PLAIN, en_US.
const CONNECTION_START: &[u8] =
    b"\x01\0\0\0\0\0\x1c\0\x0a\0\x0a\0\x09\0\0\0\0\0\0\0\x05PLAIN\0\0\0\x05en_US\xce";
