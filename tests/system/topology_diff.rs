//! `notifyctl topology diff`, on a broker with the management API.

use lapin::options::{QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties};
use notifyctl::stage::{Servers, World};
use system_tests::play::until;
use system_tests::servers::PrivateBroker;

use crate::operator::{run_in, words};

#[tokio::test]
async fn what_is_missing_what_is_other_and_what_is_unknown_is_named() {
    chassis::start::install_tls_provider();
    let broker = PrivateBroker::start_with_management().await.unwrap();
    let servers = Servers {
        broker_url: broker.url().parse().unwrap(),
        ..Servers::from_environment().unwrap()
    };
    let world = World::create("test", &servers, "1,2".parse().unwrap())
        .await
        .unwrap();
    let api = [("DD_BROKER_MANAGEMENT_URL", broker.management_url())];
    let diff = ["topology", "diff"];
    let same = run_in(&world, &diff, &api).await;
    assert!(same.status.success(), "{}", words(&same));

    let names = world.names();
    let queue = names.queue(proto_events::Service::SlackSender);
    let connection = Connection::connect(broker.url(), ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel
        .queue_delete(queue.as_str().into(), Default::default())
        .await
        .unwrap();
    let durable = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    let mut arguments = FieldTable::default();
    arguments.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    channel
        .queue_declare(queue.as_str().into(), durable, arguments.clone())
        .await
        .unwrap();
    let unknown = format!("{names}.by-hand");
    channel
        .queue_declare(unknown.as_str().into(), durable, arguments)
        .await
        .unwrap();
    let bind = QueueBindOptions::default();
    let events = names.events();
    channel
        .queue_bind(
            unknown.as_str().into(),
            events.as_str().into(),
            "x".into(),
            bind,
            FieldTable::default(),
        )
        .await
        .unwrap();

    // The API may tell of a moment ago.
    let said = until("the differences", async || {
        let output = run_in(&world, &diff, &api).await;
        let said = words(&output);
        (output.status.code() == Some(1) && said.contains(&unknown)).then_some(said)
    })
    .await;
    for line in [
        format!("queue {queue}: arguments should be"),
        format!("queue {unknown}: not ours to know"),
        format!(
            "binding from {} with slack to {queue}: missing",
            names.jobs()
        ),
        format!("binding from {events} with x to {unknown}: not ours to know"),
    ] {
        assert!(said.contains(&line), "no {line:?} in:\n{said}");
    }
    let refused = broker.management_url().replace("dojo:", "dojo:not");
    let output = run_in(&world, &diff, &[("DD_BROKER_MANAGEMENT_URL", &refused)]).await;
    assert!(
        words(&output).contains("refuses the user"),
        "{}",
        words(&output)
    );
    let without = run_in(&world, &diff, &[]).await;
    assert!(
        words(&without).contains("cannot be seen without the management API"),
        "{}",
        words(&without)
    );
    drop(connection);
    world.close().await.unwrap();
}
