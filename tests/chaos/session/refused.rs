//! Messages that the broker never takes.

use std::collections::BTreeSet;

use chassis::Runtime;
use chassis::broker::{Consumer, Outgoing, Published, Publisher};
use proto_events::Service;
use system_tests::servers::PrivateBroker;
use tokio::time::timeout;

use super::MACHINE;
use super::client::{WITHIN, config, draft, numbered, read};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_the_broker_never_takes_is_given_back_and_holds_up_no_other() {
    let _side_by_side = MACHINE.read().await;
    let broker = PrivateBroker::start().await.unwrap();
    let limit = "application:set_env(rabbit, max_message_size, 100000).";
    broker.control(&["eval", limit]).await.unwrap();
    let config = config(broker.url(), &[]);
    let runtime = Runtime::new("test").unwrap();
    let publisher = Publisher::start(&config, &runtime);
    let mut consumer = Consumer::new(&config, Service::EventRouter, &runtime);
    let (small, large) = (
        draft(&config, Service::EventRouter, 1024),
        draft(&config, Service::EventRouter, 100_001),
    );
    let messages: Vec<Outgoing> = (0..100)
        .map(|n| numbered(if n % 40 == 20 { &large } else { &small }, n))
        .collect();
    let results = timeout(WITHIN, publisher.publish(&messages))
        .await
        .expect("it ends")
        .unwrap();
    for (number, result) in results.iter().enumerate() {
        match result {
            Published::Refused(words) => assert!(
                number % 40 == 20 && words.contains("larger than"),
                "{number}: {words}"
            ),
            other => assert!(
                number % 40 != 20 && *other == Published::Confirmed,
                "{number}: {other:?}"
            ),
        }
    }
    let mut seen: BTreeSet<usize> = (0..100).filter(|n| n % 40 == 20).collect();
    timeout(WITHIN, read(&mut consumer, &mut seen, 0..100))
        .await
        .expect("the others arrived");
    consumer.close().await;
}
