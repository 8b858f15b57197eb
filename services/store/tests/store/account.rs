use std::time::Duration;

use chrono::Utc;
use proto_events::outcome::State;
use proto_events::{Channel, JobId, Service, ids};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use sqlx::Row;
use store::{Account, Attempt, EventRecord, Finished, LedgerEntry, NewAlert, Settlement};
use uuid::Uuid;

use crate::support::{connect, mailed, refused_by, scratch, sql};

const SOURCE: &str = "https://dojo.example";

fn event(id: &str) -> EventRecord {
    EventRecord {
        source: SOURCE.to_owned(),
        id: id.to_owned(),
        name: "scan_added".to_owned(),
        body: r#"{"title": "a\u0000b"}"#.to_owned(),
        received_at: Utc::now(),
        directory_version: 7,
        directory_behind: false,
        jobs: 2,
        decisions: to_raw_value(&json!({"mail": ["alice", null], "alert": ["al\0ice"]})).unwrap(),
        notes: json!([]),
        unknown_recipients: vec!["no\0body".to_owned(), "ghost".to_owned()],
    }
}

#[tokio::test]
async fn an_event_is_recorded_once_as_it_was_first_decided() {
    let scratch = scratch().await;
    let store = scratch.store();
    store
        .record_events(&[event("e1"), event("e2"), event("e1")])
        .await
        .unwrap();
    store
        .record_events(&[EventRecord {
            jobs: 99,
            ..event("e1")
        }])
        .await
        .unwrap();
    store.record_events(&[]).await.unwrap();
    let account = store.account().await.unwrap();
    assert_eq!((account.events, account.jobs), (2, 4));
    let columns = "SELECT body, unknown_recipients, decisions FROM events WHERE id = 'e1'";
    let row = sqlx::query(columns)
        .fetch_one(&mut connect(&scratch).await)
        .await
        .unwrap();
    assert_eq!(row.get::<String, _>(0), event("e1").body);
    assert_eq!(row.get::<Vec<String>, _>(1), ["no␀body", "ghost"]);
    assert_eq!(
        row.get::<Value, _>(2),
        json!({"mail": ["alice", null], "alert": ["al␀ice"]})
    );
}

#[tokio::test]
async fn an_identifier_too_long_for_an_index_is_cut_and_still_tells_events_apart() {
    let scratch = scratch().await;
    let [one, two] = ["1", "2"].map(|end| event(&format!("{}{end}", "é".repeat(5_000))));
    for _ in 0..2 {
        scratch
            .store()
            .record_events(&[one.clone(), two.clone()])
            .await
            .unwrap();
    }
    assert_eq!(scratch.store().account().await.unwrap().events, 2);
}

#[tokio::test]
async fn the_account_of_an_empty_database_is_empty() {
    let scratch = scratch().await;
    assert_eq!(scratch.store().account().await.unwrap(), Account::default());
    assert_eq!(scratch.store().ledger().await.unwrap(), []);
}

#[tokio::test]
async fn account_and_ledger_tell_each_job_by_its_last_attempt_and_each_alert() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[mailed(1, "alice")]).await.unwrap();
    store.record_events(&[event("e1")]).await.unwrap();
    let [mail, system] = [Uuid::new_v4(), Uuid::new_v4()].map(JobId::from);
    try_job(store, mail, 1, Some(1), State::Retrying).await;
    try_job(store, mail, 2, Some(1), State::Delivered).await;
    try_job(store, system, 1, None, State::Accepted).await;
    let alert = NewAlert {
        id: ids::alert(SOURCE, "e1", Some(1)),
        user: Some(1),
        title: String::new(),
        description: String::new(),
        url: None,
        icon: String::new(),
        source: String::new(),
        event_source: SOURCE.to_owned(),
        event_id: "e1".to_owned(),
    };
    store
        .insert_alerts(std::slice::from_ref(&alert))
        .await
        .unwrap();

    let account = store.account().await.unwrap();
    assert_eq!(
        account.deliveries,
        [
            (Channel::Mail, State::Accepted, 1),
            (Channel::Mail, State::Delivered, 1)
        ]
    );
    assert_eq!((account.events, account.jobs, account.alerts), (1, 2, 1));
    let entry = |channel, recipient: Option<&str>, destination, job, attempts, state| LedgerEntry {
        event_id: "e1".to_owned(),
        event_name: "scan_added".to_owned(),
        channel,
        recipient: recipient.map(str::to_owned),
        destination,
        job,
        attempts,
        state,
    };
    assert_eq!(
        store.ledger().await.unwrap(),
        [
            entry(
                Channel::Alert,
                Some("alice"),
                None,
                alert.id.into(),
                1,
                State::Delivered
            ),
            entry(Channel::Mail, None, Some(3), system, 1, State::Accepted),
            entry(
                Channel::Mail,
                Some("alice"),
                Some(3),
                mail,
                2,
                State::Delivered
            ),
        ]
    );
}

async fn try_job(
    store: &store::Store,
    job: JobId,
    attempt: i32,
    recipient: Option<i64>,
    state: State,
) {
    let claim = Attempt {
        job,
        attempt,
        service: Service::EmailSender,
        event_source: SOURCE.to_owned(),
        event_id: "e1".to_owned(),
        event_name: "scan_added".to_owned(),
        channel: Channel::Mail,
        recipient,
        destination: Some(3),
        lease: Duration::from_secs(60),
    };
    let end = Finished::of(&claim, state);
    store.claim(&[claim]).await.unwrap();
    let settlement = Settlement {
        finished: vec![end],
        ..Settlement::default()
    };
    store.settle(&settlement).await.unwrap();
}

#[tokio::test]
async fn a_dead_letter_names_a_whole_event_or_none_and_events_count_no_negative_jobs() {
    let scratch = scratch().await;
    scratch.store().record_events(&[event("e1")]).await.unwrap();
    for (statement, constraint) in [
        (
            "INSERT INTO dead_letters (id, service, event_id, body, headers, reason, detail)
          VALUES (gen_random_uuid(), 'event-router', 'e1', '', '{}', 'internal', '')",
            "dead_letters_whole_event",
        ),
        ("UPDATE events SET jobs = -1", "events_jobs_check"),
        (
            "INSERT INTO alerts (id, title, description, icon, source, event_source, event_id)
          VALUES (gen_random_uuid(), repeat('t', 251), '', '', '', '', '')",
            "alerts_title_check",
        ),
    ] {
        assert_eq!(
            refused_by(&scratch, statement).await,
            constraint,
            "{statement}"
        );
    }
    assert_eq!(sql(&scratch, "DELETE FROM events").await.unwrap(), 1);
}
