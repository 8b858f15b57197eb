//! What nobody but others may do is refused.

use chassis::broker::User;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use proto_events::Service;
use sqlx::{Connection as _, PgConnection};
use system_tests::play::Play;

use super::{broker_url, database_url};

pub(super) async fn the_slack_sender_may_do_nothing_else_on_the_broker(play: &Play) {
    let url = broker_url(play, User::Service(Service::SlackSender));
    let connection = Connection::connect(&url, ConnectionProperties::default())
        .await
        .unwrap();
    let names = play.world.names();
    let allowed = (names.retry(), "slack-sender.1");
    assert!(publishes(&connection, &allowed.0, allowed.1).await);
    for (exchange, key) in [
        (names.events(), "scan_added"),
        (names.directory(), "change"),
        (names.jobs(), "mail"),
        (names.jobs(), "alert.more"),
        (names.retry(), "email-sender.1"),
        (names.return_(), "slack-sender"),
        (names.dead(), "slack-sender"),
    ] {
        let taken = publishes(&connection, &exchange, key).await;
        assert!(!taken, "slack-sender may publish {key} to {exchange}");
    }
    for service in Service::ALL {
        let reads = reads(&connection, &names.queue(service)).await;
        assert_eq!(reads, service == Service::SlackSender, "{service}");
    }
    let channel = connection.create_channel().await.unwrap();
    let declare = channel.queue_declare(
        "of-ones-own".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    );
    assert!(declare.await.is_err(), "it may make a queue");
}

/// Whether a message is taken. A refusal closes the channel, which the next step on it shows.
async fn publishes(connection: &Connection, exchange: &str, key: &str) -> bool {
    let channel = connection.create_channel().await.unwrap();
    let confirms = ConfirmSelectOptions::default();
    channel.confirm_select(confirms).await.unwrap();
    let publish = channel.basic_publish(
        exchange.into(),
        key.into(),
        BasicPublishOptions::default(),
        b"{}",
        BasicProperties::default(),
    );
    let published = async { publish.await?.await };
    published.await.is_ok() && is_open(&channel).await
}

async fn is_open(channel: &Channel) -> bool {
    let confirms = ConfirmSelectOptions::default();
    channel.confirm_select(confirms).await.is_ok()
}

async fn reads(connection: &Connection, queue: &str) -> bool {
    let channel = connection.create_channel().await.unwrap();
    let consume = channel.basic_consume(
        queue.into(),
        "looker".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    );
    consume.await.is_ok()
}

pub(super) async fn the_slack_sender_may_do_nothing_else_in_the_database(play: &Play) {
    let url = database_url(play, User::Service(Service::SlackSender));
    let mut sender = PgConnection::connect(&url).await.unwrap();
    for statement in [
        "SELECT FROM events",
        "SELECT FROM alerts",
        "SELECT FROM memberships",
        "DELETE FROM deliveries",
        "DELETE FROM dead_letters",
        "UPDATE users SET superuser = true",
        "UPDATE rules SET channels = '{}'",
        "UPDATE system_settings SET slack_channel = '#elsewhere'",
        "UPDATE notification_webhooks SET url = 'http://elsewhere'",
        "INSERT INTO change_log (table_name) VALUES ('users')",
        "CREATE TABLE of_ones_own ()",
    ] {
        assert_refused(&mut sender, statement).await;
    }
}

/// SQLSTATE 42501: the right is missing.
pub(super) async fn assert_refused(connection: &mut PgConnection, statement: &'static str) {
    let error = sqlx::query(statement)
        .execute(connection)
        .await
        .expect_err(statement);
    let code = error.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
}
