//! Events that are published, and what was decided, tried and given up.

use chassis::broker::Session;
use proto_events::{JobId, Reason, Service};
use serde_json::{Value, json};
use store::DeadLetter;
use uuid::Uuid;

use crate::desk::{ADMIN, Desk};

fn event(id: &str) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "test", "type": "scan_added", "data": {"title": "T"}})
}

/// How many messages lie in a service's queue; nobody reads it here.
async fn queued(desk: &Desk, service: Service) -> u32 {
    let session = Session::open(desk.world.broker(), "test").await.unwrap();
    let state = session
        .queue_state(&desk.world.names().queue(service))
        .await
        .unwrap();
    session.close().await;
    state.ready
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_or_a_batch_is_with_the_broker_when_the_answer_comes() {
    let desk = Desk::open().await;
    let one = desk.send(ADMIN, "POST", "/events/", &event("e1")).await;
    assert_eq!((one.status, one.body), (202, json!({"ids": ["e1"]})));
    let batch = json!([event("e2"), event("e3")]);
    let two = desk.send(ADMIN, "POST", "/events/", &batch).await;
    assert_eq!((two.status, two.body), (202, json!({"ids": ["e2", "e3"]})));
    assert_eq!(queued(&desk, Service::EventRouter).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_batch_with_one_that_is_no_event_nothing_is_published() {
    let desk = Desk::open().await;
    let batch = json!([event("e1"), {"specversion": "1.0"}, event("e2"), 7]);
    let refused = desk.send(ADMIN, "POST", "/events/", &batch).await;
    assert_eq!(refused.status, 400);
    let named: Vec<&String> = refused.body.as_object().unwrap().keys().collect();
    assert_eq!(named, ["1", "3"]);
    for body in [
        json!([]),
        json!({}),
        json!("x"),
        json!(vec![event("e"); 1001]),
    ] {
        let refused = desk.send(ADMIN, "POST", "/events/", &body).await;
        assert_eq!(refused.status, 400, "{refused:?}");
    }
    assert_eq!(queued(&desk, Service::EventRouter).await, 0);
}

fn letter(job: JobId) -> DeadLetter {
    DeadLetter {
        service: Service::WebhookSender,
        job: Some(job),
        event: Some(("test".to_owned(), "e1".to_owned())),
        destination: None,
        body: format!(r#"{{"version":1,"id":"{job}"}}"#).into_bytes(),
        headers: json!({"attempt": 3}),
        reason: Reason::EndpointGone,
        detail: "the endpoint answered 410".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_found_shown_sent_again_and_discarded() {
    let desk = Desk::open().await;
    let jobs = [Uuid::new_v4(), Uuid::new_v4()].map(JobId::from);
    let letters = jobs.map(letter);
    desk.store().file_dead_letters(&letters).await.unwrap();
    let page = desk
        .read(ADMIN, "/dead_letters/?resolved=false&reason=endpoint_gone")
        .await;
    assert_eq!(page["count"], 2);
    let of_job = desk
        .read(ADMIN, &format!("/dead_letters/?job={}", jobs[0]))
        .await;
    let id = of_job["results"][0]["id"].as_str().unwrap();
    let shown = desk.read(ADMIN, &format!("/dead_letters/{id}/")).await;
    assert_eq!(shown["state"], "waiting");
    assert!(
        shown["body"]
            .as_str()
            .unwrap()
            .contains(&jobs[0].to_string())
    );
    let sent = desk
        .ask(ADMIN, "POST", &format!("/dead_letters/{id}/replay/"))
        .await;
    assert_eq!(
        (sent.status, &sent.body["state"]),
        (202, &json!("replayed"))
    );
    assert_eq!(queued(&desk, Service::WebhookSender).await, 1);
    let other = desk.read(ADMIN, "/dead_letters/?resolved=false").await;
    let other = other["results"][0]["id"].as_str().unwrap();
    let gone = desk
        .ask(ADMIN, "POST", &format!("/dead_letters/{other}/discard/"))
        .await;
    assert_eq!(
        (gone.status, &gone.body["state"]),
        (200, &json!("discarded"))
    );
    assert_eq!(
        desk.read(ADMIN, "/dead_letters/?resolved=true").await["count"],
        2
    );
    let none = desk
        .ask(ADMIN, "GET", &format!("/dead_letters/{}/", Uuid::nil()))
        .await;
    assert_eq!(none.status, 404);
}
