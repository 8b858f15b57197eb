//! Letters of running services, and what arrives when they are sent again.

use std::sync::Arc;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Connection, ConnectionProperties};
use notifyctl::stage::Answer;
use notifyctl::stage::receivers::{Received, Via};
use proto_events::outcome::State;
use proto_events::{JobId, Reason, Service};
use reqwest::StatusCode;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use store::{Kind, LetterHead, Resolution};
use system_tests::look::about_cranes;
use system_tests::play::{MEI, Opening, PATIENCE, Play, person, play_with, until};

use super::{letters, refused, run, said, waiting};
use crate::operator::words;

/// The router and these senders.
fn only(senders: &[Service]) -> Opening {
    Opening {
        services: [&[Service::EventRouter], senders].concat(),
        ..Opening::default()
    }
}

/// Waits until the ledger says how a job ended; gives the number of attempts.
async fn ended(play: &Play, job: JobId, state: State) -> i64 {
    until("the ledger's entry", async || {
        let ledger = play.store().ledger().await.unwrap();
        let entry = ledger.iter().find(|entry| entry.job == job)?;
        (entry.state == state).then_some(entry.attempts)
    })
    .await
}

/// Waits until a job was taken, and gives what came.
async fn taken(play: &Play, job: JobId) -> Arc<Received> {
    let is_it = |message: &Arc<Received>| message.accepted && message.job == Some(job);
    let all = play
        .receivers
        .record
        .wait_for("the job", PATIENCE, |all| all.iter().any(is_it))
        .await
        .unwrap();
    let mut copies = all.into_iter().filter(is_it);
    let first = copies.next().unwrap();
    assert_eq!(copies.count(), 0, "{job} was taken twice");
    first
}

/// Says no to one message; the endpoint stays in use.
fn refused_once() -> Answer {
    Answer::status(StatusCode::UNPROCESSABLE_ENTITY)
}

/// Publishes an event whose webhook to mei is given up, and gives its letter.
async fn given_up(play: &Play) -> (LetterHead, JobId) {
    play.receivers.script("/hooks/mei", [refused_once()]);
    play.publish("test_added", about_cranes()).await;
    let letter = waiting(play.store(), 1).await.remove(0);
    let job = letter.job.unwrap();
    assert_eq!(letter.reason, Reason::Refused);
    (letter, job)
}

#[tokio::test]
async fn a_dead_job_that_is_replayed_arrives_under_its_own_id_and_its_letter_waits_no_more() {
    play_with(only(&[Service::WebhookSender]), async |play: Play| {
        let (letter, job) = given_up(&play).await;
        ended(&play, job, State::Dead).await;
        let event = letter.event.unwrap().1;
        let told = said(&play.world, &["replay", "--event", &event]).await;
        assert!(told.contains("1 letter sent again."), "{told}");
        assert_eq!(taken(&play, job).await.to, "mei");
        assert_eq!(ended(&play, job, State::Delivered).await, 2, "two attempts");
        let letters = letters(play.store(), Kind::Any).await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].resolved.unwrap().1, Resolution::Replayed);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_published_and_changes_nothing() {
    play_with(only(&[Service::WebhookSender]), async |play: Play| {
        let (letter, job) = given_up(&play).await;
        let told = said(&play.world, &["replay", "--all", "--dry-run"]).await;
        let exchange = play.world.names().jobs();
        let expected = format!("to {exchange} with key webhooks, id {job}, attempt 2");
        assert!(told.contains(&expected), "{told}");
        assert_eq!(waiting(play.store(), 1).await, [letter]);
        assert_eq!(ended(&play, job, State::Dead).await, 1);
        // A real one after it is the only one that arrives.
        said(&play.world, &["replay", "--all"]).await;
        taken(&play, job).await;
        assert_eq!(ended(&play, job, State::Delivered).await, 2);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_has_arrived_is_sent_a_second_time_only_when_that_is_said_and_under_a_new_id() {
    let senders = [Service::WebhookSender, Service::EmailSender];
    play_with(only(&senders), async |play: Play| {
        let mut mei = person(MEI, "mei");
        mei.email = "reject.mei@hafen.example".to_owned();
        play.store().put_users(&[mei]).await.unwrap();
        play.receivers.script("/hooks/mei", [refused_once()]);
        play.publish("test_added", about_cranes()).await;
        let letters = waiting(play.store(), 2).await;
        play.store().put_users(&[person(MEI, "mei")]).await.unwrap();
        said(&play.world, &["replay", "--all"]).await;
        for letter in &letters {
            let job = letter.job.unwrap();
            taken(&play, job).await;
            ended(&play, job, State::Delivered).await;
        }

        let ids: Vec<String> = letters.iter().map(|letter| letter.id.to_string()).collect();
        let by_id = ["replay", &ids[0], &ids[1]];
        let told = refused(&play.world, &by_id, 1).await;
        assert!(
            told.contains("0 letters sent again; 2 failed") && told.contains("--again"),
            "{told}"
        );

        let again = [&by_id[..], &["--again"]].concat();
        assert!(
            said(&play.world, &again)
                .await
                .contains("2 letters sent again.")
        );
        for letter in &letters {
            let first = letter.job.unwrap();
            let message = taken(&play, first.replayed()).await;
            let name = format!("{}.r1", first.uuid());
            match &message.via {
                Via::Http { headers, .. } => assert_eq!(headers["idempotency-key"], name),
                Via::Smtp { .. } => {
                    let id = format!("Message-ID: <{name}@hafen.example>");
                    assert!(message.body.contains(&id), "{}", message.body);
                }
            }
            ended(&play, first.replayed(), State::Delivered).await;
            ended(&play, first, State::Delivered).await;
        }
        assert!(
            said(&play.world, &again)
                .await
                .contains("2 letters sent again.")
        );
        let second = letters[0].job.unwrap().replayed().replayed();
        taken(&play, second).await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_discarded_letter_waits_no_more_and_can_still_be_replayed_by_its_id() {
    play_with(only(&[Service::WebhookSender]), async |play: Play| {
        let (letter, job) = given_up(&play).await;
        let told = refused(&play.world, &["discard", "--all"], 1).await;
        assert!(told.contains("--yes"), "{told}");
        let told = said(&play.world, &["discard", "--all", "--dry-run"]).await;
        assert!(told.contains("1 letter would be discarded"), "{told}");
        waiting(play.store(), 1).await;
        let told = said(&play.world, &["discard", "--all", "--yes"]).await;
        assert!(told.contains("1 letter discarded"), "{told}");
        let told = said(&play.world, &["replay", "--all"]).await;
        assert!(told.contains("Nothing to do"), "{told}");
        let id = letter.id.simple().to_string();
        said(&play.world, &["replay", &id[..8]]).await;
        taken(&play, job).await;
        let letters = letters(play.store(), Kind::Resolved).await;
        assert_eq!(letters[0].resolved.unwrap().1, Resolution::Replayed);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn an_event_that_stays_unreadable_is_filed_again_each_time_and_never_looped() {
    play_with(only(&[]), async |play: Play| {
        play.publish_raw("scan_added", b"hello".to_vec()).await;
        let first = waiting(play.store(), 1).await.remove(0);
        let told = said(&play.world, &["replay", "--all"]).await;
        assert!(told.contains("1 letter sent again."), "{told}");
        let second = until("the second letter", async || {
            let mut letters = letters(play.store(), Kind::Waiting).await;
            letters.retain(|letter| letter.id != first.id);
            letters.pop()
        });
        let second = second.await;
        assert_eq!(
            (second.reason, &second.detail),
            (Reason::Unreadable, &first.detail)
        );
        assert_eq!(letters(play.store(), Kind::Any).await.len(), 2);
        assert_eq!(letters(play.store(), Kind::Waiting).await.len(), 1);
        assert_eq!(play.world.messages_in_queues().await.unwrap(), 0);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn an_event_of_binary_mode_goes_back_to_the_router_with_its_attributes() {
    play_with(only(&[]), async |play: Play| {
        publish_binary(&play, br#"{"title":7}"#).await;
        publish_binary(&play, b"\xff").await;
        waiting(play.store(), 2).await;
        let output = run(&play.world, &["replay", "--all"]).await;
        let told = words(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("1 letter sent again; 1 failed"), "{told}");
        assert!(told.contains("binary mode") && told.contains("published again"), "{told}");
        let again = until("the letter of what was sent", async || {
            let letters = play.store().dead_letters().await.unwrap();
            letters.into_iter().find(|letter| letter.body.starts_with(b"{\"data\""))
        });
        let again = again.await;
        let body: Value = serde_json::from_slice(&again.body).unwrap();
        assert_eq!(
            body,
            json!({"specversion": "1.0", "id": "7", "source": "s", "type": "scan_added", "data": {"title": 7}})
        );
        assert!(again.detail.contains("data.title"), "{}", again.detail);
        assert_eq!(letters(play.store(), Kind::Waiting).await.len(), 2);
        play.end().await;
    })
    .await;
}

/// Publishes an event whose attributes are headers.
async fn publish_binary(play: &Play, data: &[u8]) {
    let url = play.world.broker().broker_url.expose_secret().to_owned();
    let connection = Connection::connect(&url, ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    let confirms = channel.confirm_select(ConfirmSelectOptions::default());
    confirms.await.unwrap();
    let mut headers = FieldTable::default();
    for (name, value) in [
        ("specversion", "1.0"),
        ("id", "7"),
        ("source", "s"),
        ("type", "scan_added"),
    ] {
        let name = format!("cloudEvents:{name}");
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    }
    let publish = channel.basic_publish(
        play.world.names().events().into(),
        "scan_added".into(),
        BasicPublishOptions::default(),
        data,
        BasicProperties::default().with_headers(headers),
    );
    assert!(publish.await.unwrap().await.unwrap().is_ack());
    connection.close(200, "done".into()).await.unwrap();
}
