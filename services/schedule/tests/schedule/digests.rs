//! What several held jobs come to.

use proto_events::event::raw;
use proto_events::{Address, Job, JobId, Target, ids, job};
use schedule::Draft;
use serde_json::json;
use uuid::Uuid;

use crate::support::time;

/// A job for one mail address with an event of about this size.
fn held(number: u128, size: usize) -> Job {
    let event = json!({"specversion": "1.0", "id": number.to_string(), "source": "s", "type": "scan_added",
        "data": {"title": format!("Scan {number}"), "description": "x".repeat(size)}});
    Job {
        version: job::VERSION,
        id: Uuid::from_u128(number).into(),
        to: Target::Mail(Address {
            destination: 4,
            recipient: None,
        }),
        redacted: number.is_multiple_of(2),
        window: Some(time("2026-11-27T07:00:00Z")),
        digest: None,
        event: raw(event.to_string().as_bytes()).unwrap(),
    }
}

fn id() -> JobId {
    let job = held(1, 0);
    ids::digest(
        job.to.channel(),
        job.to.address().unwrap(),
        job.window.unwrap(),
    )
}

#[test]
fn a_digest_carries_its_events_in_order_and_goes_where_they_would_have_gone() {
    let mut draft = Draft::default();
    (1..=3).for_each(|number| draft.add(held(number, 10)));
    let job = draft.finish(id()).unwrap().unwrap();
    assert_eq!(
        (job.id, &job.to, job.redacted),
        (id(), &held(1, 0).to, false)
    );
    let event = job.event().unwrap();
    assert_eq!(event.name.as_str(), job::DIGEST);
    assert_eq!(event.data.title, "3 notices");
    let digest = job.digest.unwrap();
    let told = digest.notices.iter();
    let told: Vec<_> = told
        .map(|notice| (notice.event().unwrap().data.title, notice.redacted))
        .collect();
    let expected = [("Scan 1", false), ("Scan 2", true), ("Scan 3", false)];
    assert_eq!(
        told,
        expected.map(|(title, redacted)| (title.to_owned(), redacted))
    );
    assert_eq!(digest.left_out, 0);
}

#[test]
fn nothing_to_tell_is_no_digest() {
    let mut draft = Draft::default();
    draft.leave_out(7);
    assert!(draft.finish(id()).unwrap().is_none());
}

#[test]
fn a_digest_stays_small_enough_for_the_broker_and_counts_what_it_leaves_out() {
    for size in [10, 16 * 1024, 3 * 1024 * 1024] {
        let mut draft = Draft::default();
        (1..=1000).for_each(|number| draft.add(held(number, size)));
        draft.leave_out(500);
        let job = draft.finish(id()).unwrap().unwrap();
        let body = serde_json::to_vec(&job).unwrap();
        assert!(body.len() < 4 * 1024 * 1024, "{size}: {}", body.len());
        let digest = Job::parse(&body).unwrap().digest.unwrap();
        assert_eq!(
            digest.notices.len() as u64 + digest.left_out,
            1500,
            "{size}"
        );
        assert!(!digest.notices.is_empty() && digest.notices.len() <= 200);
    }
}

#[test]
fn a_digests_id_is_made_of_reader_channel_place_and_moment() {
    let job = held(1, 0);
    let (channel, to, window) = (
        job.to.channel(),
        job.to.address().unwrap(),
        job.window.unwrap(),
    );
    let elsewhere = Address {
        destination: 5,
        ..to.clone()
    };
    let others = [
        ids::digest(channel, &elsewhere, window),
        ids::digest(proto_events::Channel::Slack, to, window),
        ids::digest(channel, to, time("2026-11-28T07:00:00Z")),
    ];
    assert_eq!(ids::digest(channel, to, window), id());
    assert!(!others.contains(&id()));
}
