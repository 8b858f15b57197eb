//! Connections whose other end is gone without a word.

use std::time::Duration;

use futures_util::future::join_all;
use proto_events::Service;
use system_tests::servers::PrivateBroker;
use tokio::time::Instant;
use url::Url;

use super::back::{Summary, all_back};
use super::client::{Client, Pace, config};
use super::proxy::Proxy;
use super::{MACHINE, sessions};

/// Almost always in the middle of a message, and almost never.
const BUSY: Pace = Pace {
    pause: Duration::from_millis(200),
    size: 50_000,
};
const IDLE: Pace = Pace {
    pause: Duration::from_secs(3),
    size: 1024,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_dead_without_a_word_are_replaced_within_30_s() {
    let _side_by_side = MACHINE.read().await;
    let broker = PrivateBroker::start().await.unwrap();
    let mut url = Url::parse(broker.url()).unwrap();
    let proxy = Proxy::to(format!("127.0.0.1:{}", url.port().unwrap())).await;
    url.set_port(Some(proxy.address.port())).unwrap();
    let config = config(url.as_str(), &[]);
    let clients = [
        Client::start(&config, Service::EventRouter, BUSY),
        Client::start(&config, Service::EmailSender, IDLE),
    ];
    all_back(&clients, Instant::now()).await;
    proxy.freeze();
    let at_once = all_back(&clients, Instant::now()).await;
    // In the middle of what the busy one sends.
    proxy.freeze_after(1_000_000);
    let midway = all_back(&clients, Instant::now()).await;
    println!("dead at once: {}", Summary::of(&at_once));
    println!("dead in the middle of a message: {}", Summary::of(&midway));
    for client in &clients {
        assert_eq!(sessions(&client.runtime), [3, 3]);
    }
    for account in join_all(clients.map(Client::finish)).await {
        assert!(account.lost.is_empty(), "{account:?}");
    }
}
