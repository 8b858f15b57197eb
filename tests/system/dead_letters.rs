//! What was given up, in the operator's hands: `notifyctl dead-letters`.

mod command;
mod replay;

use std::process::{Output, Stdio};

use notifyctl::stage::World;
use proto_events::{JobId, Reason, Service};
use store::{DeadLetter, Kind, LetterFilter, LetterHead, Order, Store};
use system_tests::play::until;
use tokio::process::Command;
use uuid::Uuid;

use crate::operator::{notifyctl, words};

/// `notifyctl dead-letters` in a world, with nobody to ask.
fn dead_letters(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::from(notifyctl(&["dead-letters"]));
    command
        .args(arguments)
        .envs(world.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn run(world: &World, arguments: &[&str]) -> Output {
    dead_letters(world, arguments).output().await.unwrap()
}

/// Runs it, expects success, and gives what it said.
async fn said(world: &World, arguments: &[&str]) -> String {
    let output = run(world, arguments).await;
    assert!(output.status.success(), "{arguments:?}: {}", words(&output));
    words(&output)
}

/// Runs it, expects this exit code, and gives what it said.
async fn refused(world: &World, arguments: &[&str], code: i32) -> String {
    let output = run(world, arguments).await;
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {}",
        words(&output)
    );
    words(&output)
}

/// The letters of a kind, oldest first.
async fn letters(store: &Store, kind: Kind) -> Vec<LetterHead> {
    let filter = LetterFilter {
        kind,
        ..LetterFilter::default()
    };
    let letters = store.letters(&filter, Order::OldestFirst, None, 1000);
    letters.await.unwrap()
}

/// Waits until so many letters wait.
async fn waiting(store: &Store, count: usize) -> Vec<LetterHead> {
    until("the dead letters", async || {
        let letters = letters(store, Kind::Waiting).await;
        (letters.len() == count).then_some(letters)
    })
    .await
}

/// A letter of the webhook sender.
fn dead_job(event: &str) -> DeadLetter {
    let job = JobId::from(Uuid::new_v4());
    DeadLetter {
        service: Service::WebhookSender,
        job: Some(job),
        event: Some(("test".to_owned(), event.to_owned())),
        destination: None,
        body: format!(r#"{{"version":1,"id":"{job}"}}"#).into_bytes(),
        headers: serde_json::json!({"attempt": 1}),
        reason: Reason::EndpointGone,
        detail: "the endpoint answered 410".to_owned(),
    }
}
