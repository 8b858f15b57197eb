use proto_events::{Reason, Service};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn letter(service: Service, headers: Value) -> LetterHead {
    LetterHead {
        id: Uuid::from_u128(7),
        service,
        job: None,
        event: None,
        headers,
        reason: Reason::Refused,
        detail: String::new(),
        body_bytes: 0,
        created_at: DateTime::UNIX_EPOCH,
        resolved: None,
        arrived: false,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(5000).unwrap()
}

fn sent(plan: Plan) -> Outgoing {
    match plan {
        Plan::Send(outgoing) => outgoing,
        other => panic!("{other:?}"),
    }
}

fn job_plan(known: Option<(JobId, Standing)>, body: &[u8]) -> Plan {
    let headers =
        json!({"attempt": 3, "first_published": 1, "reason": "timeout", "traceparent": TRACE});
    let letter = letter(Service::EmailSender, headers);
    job(
        &letter,
        body.to_vec(),
        known,
        "mail",
        &Names::default(),
        now(),
    )
}

fn event_plan(headers: Value, body: &[u8]) -> Plan {
    let letter = letter(Service::EventRouter, headers);
    event(&letter, body.to_vec(), &Names::default(), now())
}

#[test]
fn a_dead_job_goes_out_as_it_is_with_the_next_attempt_and_its_time_begins_anew() {
    let id = JobId::from(Uuid::from_u128(1));
    let standing = Standing {
        last_attempt: 3,
        arrived: false,
        latest: id.replayed(),
    };
    let outgoing = sent(job_plan(Some((id, standing)), b"whatever it is"));
    assert_eq!(
        (outgoing.exchange.as_str(), outgoing.routing_key.as_str()),
        ("dojo.jobs", "mail")
    );
    assert_eq!(outgoing.message_id, id.to_string());
    assert_eq!(outgoing.body, b"whatever it is");
    let expected = Headers {
        attempt: 4,
        first_published: Some(5000),
        reason: None,
        traceparent: Some(TRACE.to_owned()),
    };
    assert_eq!(outgoing.headers, expected);
}

#[test]
fn a_job_that_arrived_gets_the_id_after_its_latest_replay_and_nothing_else_of_it_changes() {
    let id = JobId::from(Uuid::from_u128(1));
    let standing = Standing {
        last_attempt: 3,
        arrived: true,
        latest: id.replayed(),
    };
    let body = format!(
        r#"{{"version":1,"id":"{id}","to":{{"x":1.50}},"event":{{"b": 1e400, "a":"\u0041"}},"new":null}}"#
    );
    let Plan::Again(outgoing) = job_plan(Some((id, standing)), body.as_bytes()) else {
        panic!("sent as a copy")
    };
    let second = id.replayed().replayed();
    assert_eq!(outgoing.message_id, second.to_string());
    assert_eq!(outgoing.headers.attempt, 1);
    assert_eq!(
        String::from_utf8(outgoing.body).unwrap(),
        format!(
            r#"{{"event":{{"b": 1e400, "a":"\u0041"}},"id":"{second}","new":null,"to":{{"x":1.50}},"version":1}}"#
        )
    );
}

#[test]
fn what_arrived_and_takes_no_new_id_is_left_alone() {
    let id = JobId::from(Uuid::from_u128(1));
    let standing = Standing {
        last_attempt: 1,
        arrived: true,
        latest: id,
    };
    let Plan::Impossible(why) = job_plan(Some((id, standing)), b"\xff") else {
        panic!("sent")
    };
    assert!(why.contains("no new id"), "{why}");
}

#[test]
fn the_job_of_a_letter_is_known_by_its_id_even_if_nothing_else_of_it_can_be_read() {
    let id = JobId::from(Uuid::from_u128(1));
    let newer = format!(r#"{{"version":9,"id":"{id}","who":"knows"}}"#);
    let mut letter = letter(Service::EmailSender, json!({}));
    assert_eq!(job_of(&letter, newer.as_bytes()), Some(id));
    assert_eq!(job_of(&letter, b"{}"), None);
    letter.job = Some(id.replayed());
    assert_eq!(job_of(&letter, newer.as_bytes()), Some(id.replayed()));
}

#[test]
fn what_is_no_job_goes_out_as_it_came_labelled_with_the_letter() {
    let outgoing = sent(job_plan(None, b"\xff"));
    assert_eq!(outgoing.message_id, Uuid::from_u128(7).to_string());
    assert_eq!(
        (outgoing.headers.attempt, outgoing.body.as_slice()),
        (1, b"\xff".as_slice())
    );
}

#[test]
fn an_event_goes_to_the_router_under_its_name_or_as_unknown() {
    let headers = json!({"attempt": 3, "content_type": "x", "headers": {"traceparent": TRACE}});
    let key = |body: &str| {
        let outgoing = sent(event_plan(headers.clone(), body.as_bytes()));
        assert_eq!(
            (outgoing.exchange.as_str(), outgoing.headers.attempt),
            ("dojo.events", 1)
        );
        assert_eq!(outgoing.headers.traceparent.as_deref(), Some(TRACE));
        assert_eq!(outgoing.body, body.as_bytes());
        outgoing.routing_key
    };
    assert_eq!(key(r#"{"type":"com.defectdojo.scan_added"}"#), "scan_added");
    assert_eq!(key(r#"{"type":"scan_added","data":7}"#), "scan_added");
    assert_eq!(key(r#"{"type":""}"#), "unknown");
    assert_eq!(
        key(&json!({"type": "x".repeat(256)}).to_string()),
        "unknown"
    );
    assert_eq!(key("hello"), "unknown");
}

#[test]
fn an_event_that_came_in_binary_mode_goes_out_in_structured_mode() {
    let headers = json!({"headers": {
        "cloudEvents:type": "scan_added", "cloudEvents_id": "1", "cloudEvents:source": "s", "other": "x",
    }});
    let outgoing = sent(event_plan(headers.clone(), br#"{"title":7}"#));
    assert_eq!(outgoing.routing_key, "scan_added");
    let body: Value = serde_json::from_slice(&outgoing.body).unwrap();
    assert_eq!(
        body,
        json!({"type": "scan_added", "id": "1", "source": "s", "data": {"title": 7}})
    );
    let Plan::Impossible(why) = event_plan(headers, b"\xff") else {
        panic!("sent")
    };
    assert!(
        why.contains("binary mode") && why.contains("published again"),
        "{why}"
    );
}

#[test]
fn a_change_of_the_directory_goes_to_its_own_exchange_under_its_kind_with_its_waits_forgotten() {
    let letter = letter(Service::DirectorySync, json!({"attempt": 5}));
    let plan = |body: &[u8]| sent(change(&letter, body.to_vec(), &Names::default(), now()));
    let outgoing = plan(br#"{"kind": "membership"}"#);
    assert_eq!(outgoing.exchange, "dojo.directory");
    assert_eq!(outgoing.routing_key, "membership");
    assert_eq!(outgoing.headers.attempt, 1);
    assert_eq!(plan(b"no JSON").routing_key, "unknown");
}
