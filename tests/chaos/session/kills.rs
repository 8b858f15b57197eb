//! A broker that dies again and again.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use proto_events::Service;
use system_tests::servers::PrivateBroker;
use tokio::time::Instant;

use super::back::{Summary, all_back};
use super::client::{Account, Client, config};
use super::load::Load;
use super::{MACHINE, STEADY};

/// How often the broker dies; `DOJO_KILLS` may say otherwise.
const KILLS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_is_back_within_30_s_of_the_return_of_a_killed_broker() {
    let kills = std::env::var("DOJO_KILLS").map_or(KILLS, |number| number.parse().unwrap());
    let _alone = MACHINE.write().await;
    let mut broker = PrivateBroker::start().await.unwrap();
    let config = config(broker.url(), &[]);
    let clients = Service::ALL.map(|service| Client::start(&config, service, STEADY));
    all_back(&clients, Instant::now()).await;
    // RabbitMQ 3 writes down the names of new queues a little after it confirms messages to them.
    broker
        .control(&["eval", "mnesia:sync_log()."])
        .await
        .unwrap();
    let load = Load::on_every_core();
    let mut all = Vec::new();
    for kill in 1..=kills {
        let gone = Instant::now();
        let how = strike(&mut broker, kill).await;
        let away = gone.elapsed();
        let backs = all_back(&clients, Instant::now()).await;
        println!(
            "{kill}/{kills} {how}, away for {:.1} s: {}",
            away.as_secs_f64(),
            Summary::of(&backs)
        );
        all.extend(backs);
    }
    drop(load);
    for client in &clients {
        assert_eq!(client.runtime.health.ailments(), BTreeMap::new());
    }
    let accounts = join_all(clients.map(Client::finish)).await;
    let sum = |part: fn(&Account) -> usize| accounts.iter().map(part).sum::<usize>();
    println!(
        "{kills} kills, {} clients: {}; of {} confirmed messages {} were lost, {} came more than once",
        accounts.len(),
        Summary::of(&all),
        sum(|account| account.confirmed),
        sum(|account| account.lost.len()),
        sum(|account| account.again),
    );
    for account in &accounts {
        assert!(account.lost.is_empty(), "{account:?}");
    }
}

/// Ends the broker in one of three ways and brings it back.
async fn strike(broker: &mut PrivateBroker, kill: usize) -> &'static str {
    let how = match kill % 5 {
        0 => {
            broker.kill().await.unwrap();
            broker.restart().await.unwrap();
            broker.kill().await.unwrap();
            "killed, and again while its clients came back"
        }
        2 | 4 => {
            broker.stop().await.unwrap();
            "stopped"
        }
        _ => {
            broker.kill().await.unwrap();
            "killed"
        }
    };
    broker.restart().await.unwrap();
    how
}
