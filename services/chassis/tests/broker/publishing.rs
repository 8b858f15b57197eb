//! What becomes of messages that the broker does not simply take.

use std::time::Duration;

use chassis::Runtime;
use chassis::broker::{Consumer, Outgoing, Published, Publisher};
use chassis::config::BrokerConfig;
use futures_util::FutureExt;
use lapin::Channel;
use lapin::options::{QueueBindOptions, QueueDeclareOptions, QueuePurgeOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use proto_events::Service;

use crate::{event, raw, sessions, under_a_prefix};

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
async fn of_batches_that_go_together_each_learns_what_became_of_its_own_messages() {
    under_a_prefix(async |config| {
        let publisher = Publisher::start(&config, &Runtime::new("test").unwrap());
        let batch = |lost: usize| {
            let message = |n| Outgoing {
                exchange: config.broker_prefix.jobs(),
                routing_key: "pigeon".to_owned(),
                ..event(&config, &format!("lost {lost} {n}"))
            };
            let taken = (0..50).map(|n| event(&config, &format!("{lost} {n}")));
            taken.chain((0..lost).map(message)).collect::<Vec<_>>()
        };
        let batches: Vec<_> = (0..8).map(batch).collect();
        let all = batches.iter().map(|batch| publisher.publish(batch));
        for (lost, results) in futures_util::future::join_all(all).await.iter().enumerate() {
            let results = results.as_ref().unwrap();
            let (taken, back) = results.split_at(50);
            assert!(
                taken.iter().all(|it| *it == Published::Confirmed),
                "batch {lost}"
            );
            assert_eq!(back, vec![Published::Unroutable; lost], "batch {lost}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_can_never_be_published_is_given_back_and_the_others_go() {
    under_a_prefix(async |config| {
        let publisher = Publisher::start(&config, &Runtime::new("test").unwrap());
        let nameless = Outgoing {
            routing_key: "n".repeat(256),
            ..event(&config, "x")
        };
        let results = publisher
            .publish(&[event(&config, "a"), nameless, event(&config, "b")])
            .await
            .unwrap();
        assert_eq!([&results[0], &results[2]], [&Published::Confirmed; 2]);
        let refusal = results[1].refusal().unwrap();
        assert!(refusal.contains("routing key has 256 bytes"), "{refusal}");
    })
    .await;
}

#[tokio::test]
async fn a_publisher_from_outside_is_told_that_an_exchange_is_not_there() {
    under_a_prefix(async |config| {
        let publisher = Publisher::outside(&config, &Runtime::new("test").unwrap());
        let results = publisher.publish(&[event(&config, "a")]).await.unwrap();
        let refusal = results[0].refusal().unwrap();
        assert!(refusal.contains("no exchange"), "{refusal}");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_a_full_queue_holds_back_goes_again_without_the_others() {
    under_a_prefix(async |config| {
        let runtime = Runtime::new("test").unwrap();
        let publisher = Publisher::start(&config, &runtime);
        let mut consumer = Consumer::new(&config, Service::EventRouter, &runtime);
        publisher.publish(&[event(&config, "first")]).await.unwrap();
        let channel = raw(&config).await;
        let full = full_queue(&channel, &config).await;
        let narrow = |body| Outgoing {
            exchange: config.broker_prefix.jobs(),
            routing_key: "narrow".to_owned(),
            message_id: "narrow".to_owned(),
            ..event(&config, body)
        };
        let messages = [narrow("1"), narrow("2"), event(&config, "wide")];
        let publishing = tokio::spawn({
            let publisher = publisher.clone();
            async move { publisher.publish(&messages).await.unwrap() }
        });
        let nacked = runtime.metrics.published.with_label_values(&["nacked"]);
        while nacked.get() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let options = QueuePurgeOptions::default();
        channel.queue_purge(full, options).await.unwrap();
        assert_eq!(publishing.await.unwrap(), vec![Published::Confirmed; 3]);
        publisher.publish(&[event(&config, "end")]).await.unwrap();
        let mut bodies = Vec::new();
        while bodies.last().is_none_or(|body| body != b"end") {
            for message in consumer.chunk(64).await.unwrap() {
                bodies.push(message.body);
                message.ack.ack();
            }
        }
        assert_eq!(bodies, [&b"first"[..], b"wide", b"end"], "each came once");
        assert_eq!(
            sessions(&runtime, "publish"),
            1,
            "nothing was wrong with the session"
        );
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_given_up_halfway_leaves_nothing_to_the_next() {
    under_a_prefix(async |config| {
        let runtime = Runtime::new("test").unwrap();
        let publisher = Publisher::start(&config, &runtime);
        publisher.publish(&[event(&config, "a")]).await.unwrap();
        let given_up = publisher.publish(&[event(&config, "b")]).now_or_never();
        assert!(given_up.is_none(), "it has only begun");
        // Its answers would be taken for those to what comes next.
        let results = publisher.publish(&[event(&config, "c")]).await.unwrap();
        assert_eq!(results, [Published::Confirmed]);
        assert_eq!(sessions(&runtime, "publish"), 2);
    })
    .await;
}

/// A queue that takes one message and no more, bound to "narrow" on the jobs' exchange; it
/// goes with its channel.
async fn full_queue(channel: &Channel, config: &BrokerConfig) -> ShortString {
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(1));
    arguments.insert(
        "x-overflow".into(),
        AMQPValue::LongString("reject-publish".into()),
    );
    let exclusive = QueueDeclareOptions {
        exclusive: true,
        ..Default::default()
    };
    let queue = channel
        .queue_declare("".into(), exclusive, arguments)
        .await
        .unwrap();
    let bind = channel.queue_bind(
        queue.name().clone(),
        config.broker_prefix.jobs().as_str().into(),
        "narrow".into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    );
    bind.await.unwrap();
    queue.name().clone()
}
