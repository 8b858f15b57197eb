//! Sending letters again: how fast, how far, and not by accident.

use std::process::Command;
use std::time::{Duration, Instant};

use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use proto_events::Service;
use secrecy::ExposeSecret as _;
use store::Kind;
use system_tests::play::until;

use super::{file, file_ten, unreadable, world};
use crate::dead_letters::{dead_job, dead_letters, letters, refused, said, waiting};
use crate::operator::words;

#[tokio::test]
async fn letters_go_out_in_their_order_and_no_faster_than_asked_for() {
    let world = world().await;
    for n in 0..10 {
        file(&world, &[dead_job(&n.to_string())]).await;
    }
    let started = Instant::now();
    let told = said(&world, &["replay", "--all", "--rate", "10"]).await;
    assert!(
        started.elapsed() >= Duration::from_millis(900),
        "nine gaps of 0.1 s"
    );
    assert!(told.contains("10 letters sent again."), "{told}");
    assert_eq!(world.messages_in_queues().await.unwrap(), 10);
    let resolved: Vec<_> = letters(world.store(), Kind::Resolved)
        .await
        .iter()
        .map(|letter| letter.resolved.unwrap().0)
        .collect();
    assert!(resolved.is_sorted(), "oldest first");
    assert_eq!(resolved.len(), 10);
    world.close().await.unwrap();
}

#[tokio::test]
async fn an_interrupt_stops_between_two_letters_and_says_how_far_it_came() {
    let world = world().await;
    file_ten(&world).await;
    let child = dead_letters(&world, &["replay", "--all", "--rate", "1"])
        .spawn()
        .unwrap();
    until("the first letter", async || {
        (letters(world.store(), Kind::Waiting).await.len() < 10).then_some(())
    })
    .await;
    let id = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().await.unwrap();
    let told = words(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let sent = letters(world.store(), Kind::Resolved).await.len();
    assert!((1..10).contains(&sent), "{sent}");
    assert_eq!(world.messages_in_queues().await.unwrap(), sent as u64);
    assert!(
        told.contains("sent again.") && told.contains("stopped by a signal"),
        "{told}"
    );
    assert!(told.starts_with(&sent.to_string()), "{told}");
    world.close().await.unwrap();
}

#[tokio::test]
async fn a_letter_that_nobody_takes_keeps_waiting_and_the_error_says_what_to_do() {
    let world = world().await;
    let router = world.names().queue(Service::EventRouter);
    let url = world.broker().broker_url.expose_secret().to_owned();
    let connection = Connection::connect(&url, ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    let deleted = channel.queue_delete(router.as_str().into(), QueueDeleteOptions::default());
    deleted.await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
    file(&world, &[unreadable(b"hello"), dead_job("e1")]).await;
    let told = refused(&world, &["replay", "--all"], 1).await;
    let exchange = world.names().events();
    let words =
        format!("exchange {exchange} has no queue for key unknown; run notifyctl topology apply");
    assert!(told.contains(&words), "{told}");
    assert!(told.contains("1 letter sent again; 1 failed"), "{told}");
    assert_eq!(
        waiting(world.store(), 1).await[0].service,
        Service::EventRouter
    );
    world.close().await.unwrap();
}

#[tokio::test]
async fn nothing_is_sent_or_discarded_by_accident() {
    let world = world().await;
    file_ten(&world).await;
    for arguments in [
        vec!["replay"],
        vec!["discard", "--yes"],
        vec!["replay", "1a2b", "--all"],
        vec!["replay", "--all", "--service", "webhook-sender"],
        vec!["replay", "--all", "--rate", "0"],
        vec!["replay", "no-id"],
        vec!["list", "--since", "yesterday"],
    ] {
        refused(&world, &arguments, 2).await;
    }
    let told = refused(&world, &["list", "--reason", "bad-luck"], 2).await;
    assert!(told.contains("allowed are timeout, "), "{told}");
    let told = refused(&world, &["replay", "00000000"], 1).await;
    assert!(
        told.contains("no letter's id begins with 00000000"),
        "{told}"
    );
    waiting(world.store(), 10).await;
    assert_eq!(world.messages_in_queues().await.unwrap(), 0);
    world.close().await.unwrap();
}
