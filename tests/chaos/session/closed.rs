//! Connections and channels that are closed by the broker or its operator.

use chassis::Runtime;
use chassis::broker::{Consumer, Publisher};
use lapin::options::ExchangeDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use proto_events::Service;
use system_tests::servers::PrivateBroker;
use tokio::time::{Instant, timeout};

use super::client::{Client, WITHIN, config, draft, number_of, numbered};
use super::{MACHINE, STEADY, sessions};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_side_that_was_closed_is_opened_again() {
    let _side_by_side = MACHINE.read().await;
    let broker = PrivateBroker::start().await.unwrap();
    let config = config(broker.url(), &[]);
    let client = Client::start(&config, Service::EventRouter, STEADY);
    client.back(Instant::now()).await;
    assert_eq!(sessions(&client.runtime), [1, 1]);

    close_connection(&broker, "test publish").await;
    client.back(Instant::now()).await;
    assert_eq!(sessions(&client.runtime), [2, 1]);

    close_connection(&broker, "test consume").await;
    client.back(Instant::now()).await;
    assert_eq!(sessions(&client.runtime), [2, 2]);

    // The broker closes the channel of who publishes to an exchange that is not there.
    delete_exchange(&broker, &config.broker_prefix.events()).await;
    client.back(Instant::now()).await;
    assert_eq!(sessions(&client.runtime), [3, 2]);

    broker
        .control(&["close_all_connections", "maintenance"])
        .await
        .unwrap();
    client.back(Instant::now()).await;
    assert_eq!(sessions(&client.runtime), [4, 3]);
    let account = client.finish().await;
    assert!(account.lost.is_empty(), "{account:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_whose_channel_is_closed_over_a_message_it_holds_gets_that_again() {
    let _side_by_side = MACHINE.read().await;
    let broker = PrivateBroker::start().await.unwrap();
    let impatience = "application:set_env(rabbit, consumer_timeout, 1000), application:set_env(rabbit, channel_tick_interval, 500).";
    broker.control(&["eval", impatience]).await.unwrap();
    let config = config(broker.url(), &[]);
    let runtime = Runtime::new("test").unwrap();
    let publisher = Publisher::start(&config, &runtime);
    let mut consumer = Consumer::new(&config, Service::EmailSender, &runtime);
    let message = numbered(&draft(&config, Service::EmailSender, 1024), 7);
    publisher.publish(&[message]).await.unwrap();

    let held = consumer.chunk(1).await.unwrap();
    let again = timeout(WITHIN, consumer.chunk(1))
        .await
        .expect("reading goes on")
        .unwrap();
    assert!(again[0].redelivered && number_of(&again[0].body) == 7);
    assert_eq!(sessions(&runtime), [1, 2]);
    drop((held, again));
    consumer.close().await;
}

/// Closes the connections of this name, as an operator does.
async fn close_connection(broker: &PrivateBroker, name: &str) {
    let expression = format!(
        "[rabbit_networking:close_connection(Pid, \"maintenance\") || [{{pid, Pid}}, {{client_properties, Properties}}] \
         <- rabbit_networking:connection_info_all([pid, client_properties]), \
         lists:member({{<<\"connection_name\">>, longstr, <<\"{name}\">>}}, Properties)]."
    );
    broker.control(&["eval", &expression]).await.unwrap();
}

async fn delete_exchange(broker: &PrivateBroker, exchange: &str) {
    let connection = Connection::connect(broker.url(), ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel
        .exchange_delete(exchange.into(), ExchangeDeleteOptions::default())
        .await
        .unwrap();
}
