//! What is read, what is read again, and what ends.

use std::time::Duration;

use chassis::Runtime;
use chassis::broker::{Consumer, Headers, Outgoing, Published, Publisher, Session, Topology};
use lapin::options::QueueDeleteOptions;
use proto_events::{Names, Service};

use crate::{TRACE, event, raw, under_a_prefix};

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
async fn the_end_of_a_queue_that_is_met_behind_a_message_is_not_missed() {
    under_a_prefix(async |config| {
        let runtime = Runtime::new("test").unwrap();
        let publisher = Publisher::start(&config, &runtime);
        let mut consumer = Consumer::new(&config, Service::EventRouter, &runtime);
        publisher.publish(&[event(&config, "first")]).await.unwrap();
        let first = consumer.chunk(64).await.unwrap();
        publisher.publish(&[event(&config, "last")]).await.unwrap();
        let queue = config.broker_prefix.queue(Service::EventRouter);
        // It has to be handed out before the queue goes, or it would go with the queue.
        let session = Session::open(&config, "look").await.unwrap();
        while session.queue_state(&queue).await.unwrap().ready > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        session.close().await;
        let channel = raw(&config).await;
        channel
            .queue_delete(queue.as_str().into(), QueueDeleteOptions::default())
            .await
            .unwrap();
        // So that the message and the end behind it are there when the chunk is taken; were
        // they not, the test would be weaker, not wrong. What lies ready on this side nobody
        // sees before it is taken, so there is nothing to look at instead.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(consumer.chunk(64).await.unwrap()[0].body, b"last");
        drop(first);
        let reader = tokio::spawn(async move { consumer.chunk(64).await.unwrap().remove(0).body });
        while publisher.publish(&[event(&config, "after")]).await.unwrap() != [Published::Confirmed]
        {
        }
        assert_eq!(reader.await.unwrap(), b"after");
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
async fn a_strangers_reason_is_cut_so_that_it_can_be_passed_on() {
    under_a_prefix(async |config| {
        let runtime = Runtime::new("test").unwrap();
        let publisher = Publisher::start(&config, &runtime);
        let mut consumer = Consumer::new(&config, Service::EventRouter, &runtime);
        publisher.publish(&[event(&config, "first")]).await.unwrap();
        // With what comes beside it, a header as long as a frame.
        let headers = Headers {
            reason: Some("ä".repeat(60_000)),
            ..Headers::default()
        };
        let strange = Outgoing {
            headers,
            ..event(&config, "strange")
        };
        publisher.publish(&[strange]).await.unwrap();
        consumer.chunk(1).await.unwrap().remove(0).ack.ack();
        let read = consumer.chunk(1).await.unwrap().remove(0);
        assert_eq!(read.headers.reason, Some("ä".repeat(127)));
    })
    .await;
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
