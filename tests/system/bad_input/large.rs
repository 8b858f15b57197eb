//! A re-import of thousands of findings is ordinary; beyond the limit an event is kept.

use chassis::Runtime;
use chassis::broker::Consumer;
use proto_events::{Channel, Reason, Service};
use serde_json::{Value, json};
use system_tests::look::{about_cranes, alerted, received, settled};
use system_tests::play::{Opening, Play, play, play_with, until};

use super::{assert_filed, envelope, filed};

/// The default of `DD_MESSAGE_SIZE_LIMIT` (bytes).
const SIZE_LIMIT: usize = 4 * 1024 * 1024;

/// A re-import with so many findings that the event is just below a size, and how many.
fn reimport(size: usize) -> (Value, usize) {
    let finding = |id: usize| json!({"id": id, "title": format!("Outdated component {id:06}"), "severity": "High", "active": true});
    let mut data = about_cranes();
    let room = size - 1000 - data.to_string().len();
    let count = room / (finding(100_000).to_string().len() + 1);
    data["findings"] =
        json!({"new": (0..count).map(|number| finding(100_000 + number)).collect::<Vec<_>>()});
    data["finding_count"] = json!(count);
    (data, count)
}

#[tokio::test]
async fn a_re_import_of_thousands_of_findings_goes_all_the_way_and_what_is_larger_still_is_kept() {
    play(async |play: Play| {
        let (data, count) = reimport(SIZE_LIMIT);
        assert!(count > 10_000);
        let event = play.publish("scan_added", data).await;
        settled(&play, &event, 9).await;
        alerted(&play, &event, &[None, Some("admin"), Some("mei")]).await;
        for message in received(&play, 9).await {
            if message.channel == Channel::Webhooks {
                let findings = &message.json()["findings"]["new"];
                assert_eq!(findings.as_array().unwrap().len(), count, "{}", message.to);
            } else {
                assert!(
                    message.body.len() < 64 * 1024,
                    "{} bytes to {}",
                    message.body.len(),
                    message.to
                );
                assert!(
                    message.body.contains(&count.to_string()),
                    "{} to {}",
                    count,
                    message.to
                );
            }
        }
        let mut large = envelope();
        large["data"]["description"] = json!("x".repeat(SIZE_LIMIT));
        let large = large.to_string().into_bytes();
        play.publish_raw("test_added", large.clone()).await;
        let letters = filed(&play, 1).await;
        let words: &[&str] = &[
            "DD_MESSAGE_SIZE_LIMIT",
            &large.len().to_string(),
            &SIZE_LIMIT.to_string(),
        ];
        assert_filed(
            &letters,
            Service::EventRouter,
            &[(large, Reason::TooLarge, words)],
        );
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn jobs_of_a_large_event_carry_its_first_findings_only_but_webhooks_carry_all() {
    let opening = Opening {
        services: vec![Service::EventRouter],
        ..Opening::default()
    };
    play_with(opening, async |play: Play| {
        let (data, count) = reimport(SIZE_LIMIT);
        let size = data.to_string().len();
        let event = play.publish("scan_added", data).await;
        until("the event's record", async || {
            let events = play.store().decided_events().await.unwrap();
            events.into_iter().find(|decided| decided.id == event)
        })
        .await;
        let runtime = Runtime::new("test").unwrap();
        for channel in Channel::ALL {
            let mut queue = Consumer::new(play.world.broker(), Service::of(channel), &runtime);
            for message in queue.chunk(10).await.unwrap() {
                let job = message.body;
                let event: Value = serde_json::from_slice::<Value>(&job).unwrap()["event"].take();
                let findings = event["data"]["findings"]["new"].as_array().unwrap().len();
                if channel == Channel::Webhooks {
                    assert_eq!(findings, count);
                } else {
                    assert_eq!(findings, 50);
                    assert_eq!(event["data"]["findings_counts"]["new"], json!(count));
                    assert!(job.len() < size / 100, "{channel}: {} bytes", job.len());
                }
            }
        }
        play.end().await;
    })
    .await;
}
