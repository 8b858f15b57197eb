//! Private servers start, come back and leave nothing behind.

use std::{net::TcpStream, path::Path};

use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
    types::FieldTable,
};
use sqlx::{Connection as _, PgConnection};
use system_tests::servers::{PrivateBroker, PrivateDatabase};
use url::Url;

#[tokio::test]
async fn a_private_broker_that_is_killed_or_stopped_comes_back_at_the_same_url_with_what_it_confirmed()
 {
    let mut broker = PrivateBroker::start().await.unwrap();
    let url = broker.url().to_owned();
    let (_connection, channel) = open(&broker).await;
    publish_persistently(&channel, b"kept").await;

    // Stopped first: RabbitMQ 3 writes a new queue's name down a little after it confirms messages to it.
    broker.stop().await.unwrap();
    assert!(!answers(&url), "nobody listens while it is down");
    broker.restart().await.unwrap();
    broker.kill().await.unwrap();
    assert!(!answers(&url), "nobody listens while it is down");
    broker.restart().await.unwrap();

    assert_eq!(broker.url(), url);
    let (_connection, channel) = open(&broker).await;
    let got = channel
        .basic_get("kept".into(), BasicGetOptions { no_ack: true })
        .await
        .unwrap();
    assert_eq!(got.expect("the message is still there").data, b"kept");
}

#[tokio::test]
async fn private_brokers_run_side_by_side_and_are_gone_after_drop() {
    let (one, other) = tokio::try_join!(PrivateBroker::start(), PrivateBroker::start()).unwrap();
    assert_ne!(one.url(), other.url());
    let gone = (one.process_id().unwrap(), one.folder().to_owned());
    drop(one);
    assert_nothing_is_left(gone.0, &gone.1);
    open(&other).await;
}

#[tokio::test]
async fn a_private_database_keeps_what_it_has_when_it_is_killed() {
    let mut database = PrivateDatabase::start().await.unwrap();
    let mut kept = Url::parse(database.url()).unwrap();
    kept.set_path("kept");
    store::create_database(&kept.to_string().into())
        .await
        .unwrap();

    database.kill().await.unwrap();
    assert!(!answers(database.url()), "nobody listens while it is down");
    database.restart().await.unwrap();

    PgConnection::connect(kept.as_str())
        .await
        .expect("the database is still there");
}

#[tokio::test]
async fn a_private_database_stops_although_somebody_is_connected() {
    let mut database = PrivateDatabase::start().await.unwrap();
    let mut session = PgConnection::connect(database.url()).await.unwrap();
    database.stop().await.unwrap();
    assert!(session.ping().await.is_err());
    database.restart().await.unwrap();
    PgConnection::connect(database.url())
        .await
        .unwrap()
        .ping()
        .await
        .unwrap();
}

#[tokio::test]
async fn private_databases_run_side_by_side_and_are_gone_after_drop() {
    let (one, other) =
        tokio::try_join!(PrivateDatabase::start(), PrivateDatabase::start()).unwrap();
    assert_ne!(one.url(), other.url());
    let gone = (one.process_id().unwrap(), one.folder().to_owned());
    drop(one);
    assert_nothing_is_left(gone.0, &gone.1);
    PgConnection::connect(other.url()).await.unwrap();
}

#[tokio::test]
async fn a_database_that_stays_killed_leaves_nothing_behind_either() {
    let mut database = PrivateDatabase::start().await.unwrap();
    let (id, folder) = (database.process_id().unwrap(), database.folder().to_owned());
    database.kill().await.unwrap();
    drop(database);
    assert_nothing_is_left(id, &folder);
}

async fn open(broker: &PrivateBroker) -> (Connection, Channel) {
    let connection = Connection::connect(broker.url(), ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

async fn publish_persistently(channel: &Channel, body: &[u8]) {
    let durable = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel
        .queue_declare("kept".into(), durable, FieldTable::default())
        .await
        .unwrap();
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await
        .unwrap();
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let publish = channel.basic_publish(
        "".into(),
        "kept".into(),
        BasicPublishOptions::default(),
        body,
        persistent,
    );
    assert!(publish.await.unwrap().await.unwrap().is_ack());
}

fn answers(url: &str) -> bool {
    let url = Url::parse(url).unwrap();
    TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).is_ok()
}

fn assert_nothing_is_left(process_id: u32, folder: &Path) {
    assert!(
        std::fs::read_link(format!("/proc/{process_id}/exe")).is_err(),
        "the process is gone"
    );
    assert!(!folder.exists(), "the data is gone");
}
