//! How many connections the relay sees.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;
use delivery::Channel;
use email_sender::Config;
use email_sender::channel::EmailChannel;
use futures_util::future::join_all;
use lettre::Message;
use proto_events::Outcome;
use store::Store;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

/// How many connections are open, and were at most.
#[derive(Default)]
struct Connections {
    open: AtomicUsize,
    most: AtomicUsize,
}

/// A relay that takes a mail only together with another, so that two must be under way.
async fn relay(listener: TcpListener, connections: Arc<Connections>) {
    let pair = Arc::new(Barrier::new(2));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let open = connections.open.fetch_add(1, Ordering::SeqCst) + 1;
        connections.most.fetch_max(open, Ordering::SeqCst);
        let (pair, connections) = (Arc::clone(&pair), Arc::clone(&connections));
        tokio::spawn(async move {
            session(stream, &pair).await.unwrap();
            connections.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

async fn session(stream: TcpStream, pair: &Barrier) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 relay\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer: &[u8] = match line.split_whitespace().next() {
            Some("DATA") => {
                write.write_all(b"354 go on\r\n").await?;
                while lines.next_line().await?.is_some_and(|line| line != ".") {}
                pair.wait().await;
                b"250 taken\r\n"
            }
            Some("QUIT") => b"221 bye\r\n",
            _ => b"250 yes\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

#[tokio::test]
async fn no_more_mails_are_under_way_than_there_may_be_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let connections = Arc::new(Connections::default());
    tokio::spawn(relay(listener, Arc::clone(&connections)));

    let config = Config::parse_from([
        "email-sender",
        "--email-url",
        &url,
        "--email-connections",
        "2",
    ]);
    let store = Store::new(&config.delivery.store, "test").unwrap();
    let channel = EmailChannel::new(&config, &store).unwrap();
    let mail = Message::builder()
        .from("dojo@example.com".parse().unwrap())
        .to("alice@example.com".parse().unwrap())
        .body("Hello".to_owned())
        .unwrap();
    let outcomes = join_all((0..20).map(|_| channel.deliver(&mail))).await;

    for outcome in outcomes {
        assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
    }
    assert_eq!(connections.most.load(Ordering::SeqCst), 2);
}
