//! What is no event, no job or nobody is kept or named with words that a person understands.

use chassis::broker::{Headers, Outgoing};
use chrono::Utc;
use proto_events::{Channel, Reason, Service};
use serde_json::{Value, json};
use system_tests::look::{about_cranes, alerted, settled};
use system_tests::play::{Play, confirmed, play};

use super::{assert_filed, envelope, filed};

/// An event with one member changed; null takes it away.
fn but(pointer: &str, value: Value) -> Vec<u8> {
    let mut event = envelope();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = event.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => drop(members.remove(name)),
        value => drop(members.insert(name.to_owned(), value)),
    }
    event.to_string().into_bytes()
}

#[tokio::test]
async fn a_message_that_is_no_event_is_kept_with_words_a_person_understands_and_the_others_go_on() {
    let unreadable: Vec<(Vec<u8>, &[&str])> = vec![
        (b"hello".to_vec(), &["not JSON"]),
        (b"".to_vec(), &["not JSON"]),
        (
            b"{\"specversion\":\"1.0\",".to_vec(),
            &["not JSON", "line 1"],
        ),
        (
            b"{\"title\":\"\xff\xfe\"}".to_vec(),
            &["not UTF-8", "first bad byte at 10"],
        ),
        (
            but("/data/title", Value::Null),
            &["data", "title", "missing"],
        ),
        (but("/data/title", json!(7)), &["data.title", "7", "string"]),
        (
            but("/data/title", json!(["T"])),
            &["data.title", "sequence", "string"],
        ),
        (but("/data", json!("T")), &["data", "\"T\""]),
        (
            but("/data/product", json!({"id": "seven"})),
            &["data.product.id", "seven"],
        ),
        (
            but("/data/recipients", json!("mei")),
            &["data.recipients", "mei"],
        ),
        (
            but("/specversion", json!("0.3")),
            &["specversion", "\"0.3\"", "1.x"],
        ),
        (
            but("/specversion", json!("2.0")),
            &["specversion", "\"2.0\"", "1.x"],
        ),
        (but("/specversion", json!(1)), &["specversion", "1"]),
        (
            but("/specversion", Value::Null),
            &["specversion", "missing"],
        ),
        (but("/type", json!("")), &["type", "empty"]),
        (but("/type", Value::Null), &["type", "missing"]),
        (but("/id", json!("")), &["id", "empty"]),
        (but("/source", json!("")), &["source", "empty"]),
        (b"[]".to_vec(), &["Event"]),
    ];
    let expected: Vec<_> = unreadable
        .into_iter()
        .map(|(body, words)| (body, Reason::Unreadable, words))
        .collect();
    play(async |play: Play| {
        for (body, ..) in &expected {
            play.publish_raw("test_added", body.clone()).await;
        }
        let event = play.publish("test_added", about_cranes()).await;
        settled(&play, &event, 9).await;
        let letters = filed(&play, expected.len()).await;
        assert_eq!(letters.len(), expected.len());
        assert_filed(&letters, Service::EventRouter, &expected);
        assert_eq!(
            play.world.messages_in_queues().await.unwrap(),
            0,
            "nothing is looped"
        );
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_job_that_cannot_be_read_is_kept_by_its_sender_and_one_of_a_newer_release_waits_for_an_update()
 {
    let job = |version: u32, event: Value| {
        let to = json!({"channel": "slack", "destination": 1, "recipient": null});
        let job = json!({"version": version, "id": uuid::Uuid::new_v4(), "to": to, "event": event});
        job.to_string().into_bytes()
    };
    let mut untitled = envelope();
    untitled["data"] = json!({});
    let expected: [(Vec<u8>, Reason, &[&str]); 6] = [
        (
            b"hello".to_vec(),
            Reason::Unreadable,
            &["not a job", "not JSON"],
        ),
        (
            b"\xff".to_vec(),
            Reason::Unreadable,
            &["not a job", "not UTF-8"],
        ),
        (
            b"{\"version\":1}".to_vec(),
            Reason::Unreadable,
            &["not a job", "missing"],
        ),
        (
            job(1, untitled),
            Reason::Unreadable,
            &["not a job", "title"],
        ),
        (
            job(2, envelope()),
            Reason::NewerVersion,
            &["version 2", "up to 1", "update this service"],
        ),
        (
            b"{\"version\":3,\"new\":[]}".to_vec(),
            Reason::NewerVersion,
            &["version 3", "update this service"],
        ),
    ];
    play(async |play: Play| {
        for channel in Channel::ALL {
            for (body, ..) in &expected {
                confirmed(&play.publisher, &[as_job(&play, channel, body)]).await;
            }
        }
        let event = play.publish("test_added", about_cranes()).await;
        settled(&play, &event, 9).await;
        let letters = filed(&play, expected.len() * Channel::ALL.len()).await;
        for channel in Channel::ALL {
            assert_filed(&letters, Service::of(channel), &expected);
        }
        play.end().await;
    })
    .await;
}

fn as_job(play: &Play, channel: Channel, body: &[u8]) -> Outgoing {
    Outgoing {
        exchange: play.world.names().jobs(),
        routing_key: channel.as_str().to_owned(),
        content_type: proto_events::job::CONTENT_TYPE,
        message_id: String::new(),
        headers: Headers::first(Utc::now().timestamp_millis(), None),
        body: body.to_vec(),
    }
}

#[tokio::test]
async fn an_unknown_recipient_is_named_in_the_record_and_the_log_and_the_others_are_served() {
    play(async |play: Play| {
        let mut data = about_cranes();
        data["recipients"] = json!(["mei", "nobody.<b>\0", 4711, null]);
        let event = play.publish("test_added", data).await;
        alerted(&play, &event, &[Some("mei")]).await;
        settled(&play, &event, 3).await;
        let events = play.store().decided_events().await.unwrap();
        let decided = events.iter().find(|decided| decided.id == event).unwrap();
        assert_eq!(
            decided.notes["unknown_recipients"],
            json!(["#4711", "nobody.<b>\u{2400}"])
        );
        let log = std::fs::read_to_string(play.fleet.log(Service::EventRouter)).unwrap();
        let line = log
            .lines()
            .find(|line| line.contains("#4711, nobody.<b>"))
            .unwrap();
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "WARN");
        assert!(line.to_string().contains(&event), "{line}");
        play.end().await;
    })
    .await;
}
