//! What the broker gives up: a message whose readers crash again and again.

use chassis::broker::Session;
use futures_util::StreamExt as _;
use lapin::options::{BasicConsumeOptions, BasicNackOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use proto_events::{Reason, Service};
use secrecy::ExposeSecret as _;
use system_tests::look::{about_cranes, settled};
use system_tests::play::{PATIENCE, Play, play, until};

#[tokio::test]
async fn a_message_that_crashes_its_reader_again_and_again_is_filed_and_the_next_one_served() {
    play(async |mut play: Play| {
        let services = [Service::EventRouter, Service::WebhookSender];
        for service in services {
            play.fleet.kill(service).await.unwrap();
        }
        let poison = play.publish("test_added", about_cranes()).await;
        crash_readers(&play, Service::EventRouter).await;
        play.fleet.start(&services[..1]).unwrap();
        play.fleet.ready(PATIENCE).await.unwrap();
        filed(&play, Service::EventRouter, 1).await;

        let event = play.publish("test_added", about_cranes()).await;
        settled(&play, &event, 7).await;
        crash_readers(&play, Service::WebhookSender).await;
        play.fleet.start(&services[1..]).unwrap();
        filed(&play, Service::WebhookSender, 2).await;
        let letters = play.store().dead_letters().await.unwrap();
        for letter in &letters {
            assert_eq!(letter.reason, Reason::DeliveryLimit);
            assert!(
                letter.detail.contains("delivery_limit") && letter.detail.contains("crashed"),
                "{}",
                letter.detail
            );
            assert_eq!(letter.job.is_some(), letter.service == "webhook-sender");
            let event = if letter.job.is_some() {
                &event
            } else {
                &poison
            };
            assert!(String::from_utf8_lossy(&letter.body).contains(event.as_str()));
        }
        let next = play.publish("test_added", about_cranes()).await;
        settled(&play, &next, 9).await;
        assert_eq!(play.world.messages_in_queues().await.unwrap(), 0);
        play.end().await;
    })
    .await;
}

/// Waits until the service has filed this many dead letters.
async fn filed(play: &Play, service: Service, count: i64) {
    until("the dead letters", async || {
        let account = play.store().account().await.unwrap();
        let of = account
            .dead_letters
            .iter()
            .find(|(by, reason, _)| by == service.as_str() && *reason == Reason::DeliveryLimit);
        let filed = of.map_or(0, |(_, _, filed)| *filed);
        (filed == count).then_some(())
    })
    .await;
}

/// Reads the service's queue and hands everything back, until the broker gives it up.
async fn crash_readers(play: &Play, service: Service) {
    let session = Session::open(play.world.broker(), "look").await.unwrap();
    let dead_queue = play.world.names().dead_queue(service);
    let queue = play.world.names().queue(service);
    until("a message in the queue", async || {
        (session.queue_state(&queue).await.unwrap().ready > 0).then_some(())
    })
    .await;
    let waiting = session.queue_state(&queue).await.unwrap().ready;
    let url = play.world.broker().broker_url.expose_secret().to_owned();
    let connection = Connection::connect(&url, ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut deliveries = channel
        .basic_consume(
            queue.as_str().into(),
            "crashing".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        )
        .await
        .unwrap();
    let crashing = tokio::spawn(async move {
        while let Some(Ok(delivery)) = deliveries.next().await {
            let back = BasicNackOptions {
                requeue: true,
                multiple: false,
            };
            if delivery.nack(back).await.is_err() {
                return;
            }
        }
    });
    until("what the broker gives up", async || {
        (session.queue_state(&dead_queue).await.unwrap().ready == waiting).then_some(())
    })
    .await;
    crashing.abort();
    connection.close(200, "done".into()).await.unwrap();
}
