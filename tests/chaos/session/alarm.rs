//! A broker without memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use chassis::Runtime;
use chassis::broker::{Consumer, Published, Publisher};
use proto_events::Service;
use system_tests::servers::PrivateBroker;
use tokio::time::{Instant, sleep, timeout};

use super::client::{WITHIN, config, draft, numbered, read};
use super::{MACHINE, sessions};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_memory_alarm_suspends_publishing_and_nothing_else() {
    let _side_by_side = MACHINE.read().await;
    let broker = PrivateBroker::start().await.unwrap();
    // So few in hand that reading on takes acknowledgements that get through.
    let config = config(broker.url(), &["--broker-prefetch", "10"]);
    let runtime = Runtime::new("test").unwrap();
    let publisher = Publisher::start(&config, &runtime);
    let mut consumer = Consumer::new(&config, Service::EmailSender, &runtime);
    let draft = draft(&config, Service::EmailSender, 1024);
    let messages = |numbers: Range<usize>| numbers.map(|n| numbered(&draft, n)).collect::<Vec<_>>();

    let before = publisher.publish(&messages(0..300)).await.unwrap();
    assert_eq!(before, vec![Published::Confirmed; 300]);
    let mut seen = BTreeSet::new();
    read(&mut consumer, &mut seen, 0..1).await;
    broker
        .control(&["set_vm_memory_high_watermark", "0"])
        .await
        .unwrap();
    alarm(&broker, true).await;
    let suspended = messages(300..400);
    let suspended = tokio::spawn(async move { publisher.publish(&suspended).await.unwrap() });
    timeout(WITHIN, read(&mut consumer, &mut seen, 0..300))
        .await
        .expect("reading goes on");
    // Longer than a broker may be silent without an alarm.
    sleep(Duration::from_secs(35)).await;
    assert!(
        !suspended.is_finished(),
        "the broker took messages despite the alarm"
    );
    assert_eq!(runtime.health.ailments(), BTreeMap::new());

    broker
        .control(&["set_vm_memory_high_watermark", "0.4"])
        .await
        .unwrap();
    alarm(&broker, false).await;
    let after = timeout(WITHIN, suspended)
        .await
        .expect("publishing goes on")
        .unwrap();
    assert_eq!(after, vec![Published::Confirmed; 100]);
    timeout(WITHIN, read(&mut consumer, &mut seen, 0..400))
        .await
        .expect("nothing was lost");
    assert_eq!(sessions(&runtime), [1, 1], "no session was given up");
    consumer.close().await;
}

/// Waits until the broker's alarm is on, or off.
async fn alarm(broker: &PrivateBroker, on: bool) {
    let state = async || {
        broker
            .control(&["eval", "rabbit_alarm:get_alarms()."])
            .await
            .unwrap()
    };
    let deadline = Instant::now() + WITHIN;
    while (state().await != "[]") != on {
        assert!(Instant::now() < deadline, "the alarm does not change");
    }
}
