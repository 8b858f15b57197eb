//! Sessions with a real broker (`DD_BROKER_URL`), each test under a prefix of its own.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chassis::Runtime;
use chassis::broker::{Consumer, Headers, Outgoing, Published, Publisher, Session, Topology};
use chassis::config::BrokerConfig;
use clap::Parser;
use futures_util::FutureExt;
use proto_events::{Names, Service};

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

#[tokio::test]
async fn what_is_published_is_confirmed_and_read_with_its_headers() {
    under_a_prefix(async |config| {
        let runtime = Runtime::new("test").unwrap();
        let publisher = Publisher::start(&config, &runtime);
        let mut consumer = Consumer::new(&config, Service::EventRouter, &runtime);
        let messages: Vec<Outgoing> = (0..100).map(|n| event(&config, &n.to_string())).collect();
        assert_eq!(
            publisher.publish(&messages).await.unwrap(),
            vec![Published::Confirmed; 100]
        );
        let mut bodies = Vec::new();
        while bodies.len() < 100 {
            for message in consumer.chunk(64).await.unwrap() {
                assert_eq!(
                    message.headers,
                    Headers::first(1_700_000_000_000, Some(TRACE.to_owned()))
                );
                bodies.push(
                    String::from_utf8(message.body)
                        .unwrap()
                        .parse::<u32>()
                        .unwrap(),
                );
                message.ack.ack();
            }
        }
        assert_eq!(bodies, (0..100).collect::<Vec<_>>());
        consumer.close().await;
        let session = Session::open(&config, "look").await.unwrap();
        let state = session
            .queue_state(&config.broker_prefix.queue(Service::EventRouter))
            .await
            .unwrap();
        assert_eq!(
            (state.ready, state.consumers),
            (0, 0),
            "everything was acknowledged"
        );
        session.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_message_without_a_queue_is_reported_as_unroutable() {
    under_a_prefix(async |config| {
        let publisher = Publisher::start(&config, &Runtime::new("test").unwrap());
        let lost = Outgoing {
            exchange: config.broker_prefix.jobs(),
            routing_key: "pigeon".to_owned(),
            ..event(&config, "x")
        };
        let results = publisher
            .publish(&[event(&config, "a"), lost, event(&config, "b")])
            .await
            .unwrap();
        assert_eq!(
            results,
            [
                Published::Confirmed,
                Published::Unroutable,
                Published::Confirmed
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_message_on_a_rung_comes_back_to_its_service_after_the_delay() {
    under_a_prefix(async |config| {
        let runtime = Runtime::new("test").unwrap();
        let publisher = Publisher::start(&config, &runtime);
        let mut consumer = Consumer::new(&config, Service::EmailSender, &runtime);
        let headers = Headers {
            attempt: 2,
            reason: Some("timeout".to_owned()),
            ..Headers::first(5, None)
        };
        let copy = Outgoing {
            exchange: config.broker_prefix.retry(),
            routing_key: Names::rung_key(Service::EmailSender, 1),
            headers: headers.clone(),
            ..event(&config, "again")
        };
        let started = tokio::time::Instant::now();
        assert_eq!(
            publisher.publish(&[copy]).await.unwrap(),
            [Published::Confirmed]
        );
        let chunk = consumer.chunk(10).await.unwrap();
        assert!(
            started.elapsed() >= Duration::from_millis(900),
            "came back after {:?}",
            started.elapsed()
        );
        assert_eq!(chunk[0].headers, headers);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_queue_is_declared_again_and_read_on() {
    under_a_prefix(async |config| {
        let runtime = Runtime::new("test").unwrap();
        let publisher = Publisher::start(&config, &runtime);
        let mut consumer = Consumer::new(&config, Service::EventRouter, &runtime);
        publisher
            .publish(&[event(&config, "before")])
            .await
            .unwrap();
        consumer.chunk(1).await.unwrap().remove(0).ack.ack();
        let session = Session::open(&config, "vandal").await.unwrap();
        Topology::new(&config.broker_prefix, &config.retry_ladder)
            .remove(&session)
            .await
            .unwrap();
        session.close().await;
        let reader = tokio::spawn(async move { consumer.chunk(1).await.unwrap().remove(0).body });
        // The consumer declares again by itself; until then the event has no queue.
        loop {
            let results = Publisher::start(&config, &runtime)
                .publish(&[event(&config, "after")])
                .await
                .unwrap();
            if results == [Published::Confirmed] {
                break;
            }
        }
        assert_eq!(reader.await.unwrap(), b"after");
    })
    .await;
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

#[tokio::test]
async fn a_stopping_service_reads_no_more() {
    under_a_prefix(async |config| {
        let runtime = Runtime::new("test").unwrap();
        let mut consumer = Consumer::new(&config, Service::EventRouter, &runtime);
        runtime.stop.cancel();
        assert!(consumer.chunk(1).await.is_none());
    })
    .await;
}

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
    let ailment = loop {
        let found = health
            .ailments()
            .get("broker (consume)")
            .filter(|ailment| ailment.contains("cannot connect"))
            .cloned();
        if let Some(ailment) = found {
            break ailment;
        }
        tokio::task::yield_now().await;
    };
    assert!(!ailment.contains("hunter2"), "{ailment}");
    assert!(!format!("{config:?}").contains("hunter2"));
    runtime.stop.cancel();
    assert!(reader.await.unwrap());
}

#[test]
fn a_trace_context_that_is_none_is_not_carried_on() {
    assert_eq!(
        Headers::first(1, Some(TRACE.to_owned()))
            .traceparent
            .as_deref(),
        Some(TRACE)
    );
    for text in [
        "",
        "00-1-2-01",
        &"x".repeat(200_000),
        &TRACE.replace('a', "g"),
    ] {
        assert_eq!(Headers::first(1, Some(text.to_owned())).traceparent, None);
    }
}

#[tokio::test]
async fn a_message_that_is_not_acknowledged_is_handed_back_at_once() {
    under_a_prefix(async |config| {
        let runtime = Runtime::new("test").unwrap();
        let publisher = Publisher::start(&config, &runtime);
        let mut consumer = Consumer::new(&config, Service::EventRouter, &runtime);
        let messages: Vec<Outgoing> = ["a", "b", "c"].map(|body| event(&config, body)).into();
        publisher.publish(&messages).await.unwrap();
        let mut seen = Vec::new();
        while seen.len() < 4 {
            for message in consumer.chunk(1).await.unwrap() {
                let dropped = message.body == b"b" && !message.redelivered;
                seen.push((
                    String::from_utf8(message.body).unwrap(),
                    message.redelivered,
                ));
                if !dropped {
                    message.ack.ack();
                }
            }
        }
        seen.sort();
        let expected = [("a", false), ("b", false), ("b", true), ("c", false)];
        assert_eq!(seen, expected.map(|(body, again)| (body.to_owned(), again)));
        consumer.close().await;
    })
    .await;
}
