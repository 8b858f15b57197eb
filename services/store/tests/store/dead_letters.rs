//! Letters of what was given up: what is found of them, and what becomes of them.

mod finding;
mod resolving;
mod sources;

use proto_events::{JobId, Reason, Service};
use store::{DeadLetter, Kind, LetterFilter, LetterHead, Order, Store};
use uuid::Uuid;

const SOURCE: &str = "https://dojo.example";

fn letter(job: JobId, event: &str) -> DeadLetter {
    DeadLetter {
        service: Service::WebhookSender,
        job: Some(job),
        event: Some((SOURCE.to_owned(), event.to_owned())),
        destination: None,
        body: b"{}".to_vec(),
        headers: serde_json::json!({"attempt": 3, "job": job}),
        reason: Reason::EndpointGone,
        detail: "410 Gone".to_owned(),
    }
}

fn unreadable(n: usize) -> DeadLetter {
    DeadLetter {
        service: Service::EventRouter,
        job: None,
        event: None,
        destination: None,
        body: format!("no event {n}").into_bytes(),
        headers: serde_json::json!({}),
        reason: Reason::Unreadable,
        detail: "the body is not JSON".to_owned(),
    }
}

fn new_job() -> JobId {
    Uuid::new_v4().into()
}

async fn file(store: &Store, letter: &DeadLetter) -> LetterHead {
    store
        .file_dead_letters(std::slice::from_ref(letter))
        .await
        .unwrap();
    let newest = store.letters(&any(), Order::NewestFirst, None, 1).await;
    newest.unwrap().remove(0)
}

fn any() -> LetterFilter {
    LetterFilter {
        kind: Kind::Any,
        ..LetterFilter::default()
    }
}

async fn found(store: &Store, filter: &LetterFilter) -> Vec<LetterHead> {
    let all = store.letters(filter, Order::OldestFirst, None, 1000).await;
    let all = all.unwrap();
    let counted: i64 = store
        .letter_counts(filter)
        .await
        .unwrap()
        .iter()
        .map(|count| count.count)
        .sum();
    assert_eq!(usize::try_from(counted).unwrap(), all.len(), "{filter:?}");
    all
}
