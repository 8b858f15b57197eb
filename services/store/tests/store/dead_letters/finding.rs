//! Finding letters, and going through them page by page.

use std::collections::HashSet;

use proto_events::{Reason, Service};
use store::{DeadLetter, LetterFilter, LetterHead, Order};
use uuid::Uuid;

use super::{file, found, letter, new_job, unreadable};
use crate::support::scratch;

#[tokio::test]
async fn a_letter_reads_back_as_it_was_filed() {
    let scratch = scratch().await;
    let job = new_job().replayed();
    let filed = letter(job, "e1");
    let head = file(scratch.store(), &filed).await;
    assert_eq!((head.service, head.reason), (filed.service, filed.reason));
    assert_eq!((head.job, &head.event), (Some(job), &filed.event));
    assert_eq!(
        (&head.headers, &head.detail),
        (&filed.headers, &filed.detail)
    );
    assert_eq!(
        (head.body_bytes, head.resolved, head.arrived),
        (2, None, false)
    );
    let body = scratch.store().letter_body(&head).await.unwrap();
    assert_eq!(body.as_deref(), Some(b"{}".as_slice()));
}

#[tokio::test]
async fn each_filter_finds_what_agrees_with_it_and_several_what_agrees_with_all() {
    let scratch = scratch().await;
    let store = scratch.store();
    let job = new_job();
    let first = file(store, &letter(job, "e1")).await;
    let replay = file(store, &letter(job.replayed(), "e2")).await;
    let broken = file(store, &unreadable(0)).await;
    let long = "e".repeat(2000);
    let last = file(store, &letter(new_job(), &long)).await;
    let all = LetterFilter::default;
    for (filter, expected) in [
        (all(), vec![&first, &replay, &broken, &last]),
        (
            LetterFilter {
                service: Some(Service::EventRouter),
                ..all()
            },
            vec![&broken],
        ),
        (
            LetterFilter {
                service: Some(Service::EmailSender),
                ..all()
            },
            vec![],
        ),
        (
            LetterFilter {
                reason: Some(Reason::EndpointGone),
                ..all()
            },
            vec![&first, &replay, &last],
        ),
        (
            LetterFilter {
                event: Some("e1".to_owned()),
                ..all()
            },
            vec![&first],
        ),
        (
            LetterFilter {
                event: Some(long),
                ..all()
            },
            vec![&last],
        ),
        (
            LetterFilter {
                job: Some(job),
                ..all()
            },
            vec![&first, &replay],
        ),
        (
            LetterFilter {
                job: Some(job.replayed()),
                ..all()
            },
            vec![&replay],
        ),
        (
            LetterFilter {
                since: Some(broken.created_at),
                ..all()
            },
            vec![&broken, &last],
        ),
        (
            LetterFilter {
                until: Some(replay.created_at),
                ..all()
            },
            vec![&first, &replay],
        ),
        (
            LetterFilter {
                ids: Some(vec![last.id, first.id, Uuid::nil()]),
                ..all()
            },
            vec![&first, &last],
        ),
        (
            LetterFilter {
                ids: Some(vec![]),
                ..all()
            },
            vec![],
        ),
        (
            LetterFilter {
                job: Some(job),
                event: Some("e2".to_owned()),
                ..all()
            },
            vec![&replay],
        ),
    ] {
        let found = found(store, &filter).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn pages_show_every_letter_once_in_either_order_also_those_of_one_moment() {
    let scratch = scratch().await;
    let store = scratch.store();
    for group in 0..3 {
        let letters: Vec<DeadLetter> = (0..7).map(|n| unreadable(group * 7 + n)).collect();
        store.file_dead_letters(&letters).await.unwrap();
    }
    let walk = async |order| {
        let all = LetterFilter::default();
        let mut walked: Vec<LetterHead> = Vec::new();
        loop {
            let page = store.letters(&all, order, walked.last(), 4).await.unwrap();
            if page.is_empty() {
                return walked;
            }
            walked.extend(page);
        }
    };
    let mut newest = walk(Order::NewestFirst).await;
    assert!(newest.is_sorted_by_key(|head| std::cmp::Reverse(head.created_at)));
    newest.reverse();
    let oldest = walk(Order::OldestFirst).await;
    assert_eq!(oldest, newest);
    assert_eq!(
        oldest
            .iter()
            .map(|head| head.id)
            .collect::<HashSet<_>>()
            .len(),
        21
    );
}

#[tokio::test]
async fn letters_are_counted_by_who_filed_them_and_why() {
    let scratch = scratch().await;
    let store = scratch.store();
    let first = file(store, &unreadable(0)).await;
    file(store, &letter(new_job(), "e1")).await;
    let last = file(store, &unreadable(1)).await;
    let counts = store.letter_counts(&LetterFilter::default()).await.unwrap();
    assert_eq!(counts.len(), 2);
    assert_eq!(
        (counts[0].service, counts[0].reason, counts[0].count),
        (Service::EventRouter, Reason::Unreadable, 2)
    );
    assert_eq!(
        (counts[0].oldest, counts[0].newest),
        (first.created_at, last.created_at)
    );
    assert_eq!(counts[1].count, 1);
}

#[tokio::test]
async fn the_ids_within_a_range_are_found_and_no_more_than_asked_for() {
    let scratch = scratch().await;
    let store = scratch.store();
    let head = file(store, &unreadable(0)).await;
    file(store, &unreadable(1)).await;
    assert_eq!(
        store.letter_ids(head.id..=head.id, 9).await.unwrap(),
        [head.id]
    );
    let all = Uuid::nil()..=Uuid::max();
    assert_eq!(store.letter_ids(all.clone(), 9).await.unwrap().len(), 2);
    assert_eq!(store.letter_ids(all, 1).await.unwrap().len(), 1);
}
