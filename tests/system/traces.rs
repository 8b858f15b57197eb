//! One trace shows an event's whole way, and nobody who takes it is needed for the way itself.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use notifyctl::stage::receivers::{Received, Via};
use proto_events::{Channel, Service};
use serde_json::{Value, json};
use system_tests::look::{about_cranes, received};
use system_tests::play::{Opening, Play, play_with, until};

/// The publisher's own trace and span.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PUBLISHER: &str = "b7ad6b7169203331";

/// A collector of traces.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Value>>>);

/// What it was told of one step.
#[derive(Clone, Debug)]
struct Span {
    service: String,
    name: String,
    trace: String,
    parent: String,
    attributes: BTreeMap<String, Value>,
}

impl Collector {
    /// Starts it. Gives it with its address.
    async fn start() -> (Self, String) {
        let collector = Self::default();
        let app = Router::new()
            .route("/v1/traces", post(take))
            .with_state(collector.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        (collector, format!("http://{address}"))
    }

    /// Every span so far, by its id.
    fn spans(&self) -> BTreeMap<String, Span> {
        let exports = self.0.lock().unwrap();
        let resources = exports
            .iter()
            .flat_map(|export| list(&export["resourceSpans"]));
        resources
            .flat_map(|resource| {
                let service = attributes(&resource["resource"])["service.name"].clone();
                let scopes = list(&resource["scopeSpans"]).iter();
                let spans = scopes.flat_map(|scope| list(&scope["spans"]));
                spans.map(move |span| (text(&span["spanId"]), read(text(&service), span)))
            })
            .collect()
    }
}

async fn take(State(collector): State<Collector>, Json(export): Json<Value>) -> Json<Value> {
    collector.0.lock().unwrap().push(export);
    Json(json!({}))
}

fn read(service: String, span: &Value) -> Span {
    Span {
        service,
        name: text(&span["name"]),
        trace: text(&span["traceId"]),
        parent: text(&span["parentSpanId"]),
        attributes: attributes(span),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The attributes of a resource or span; a value is the only member of its object.
fn attributes(of: &Value) -> BTreeMap<String, Value> {
    let pairs = list(&of["attributes"]).iter();
    let value = |pair: &Value| {
        let value = pair["value"].as_object();
        value.and_then(|value| value.values().next()).cloned()
    };
    pairs
        .map(|pair| (text(&pair["key"]), value(pair).unwrap_or_default()))
        .collect()
}

/// Router and webhooks, exporting to an address at once.
fn exporting_to(collector: &str) -> Opening {
    Opening {
        services: vec![Service::EventRouter, Service::WebhookSender],
        environment: vec![
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.to_owned()),
            ("OTEL_BSP_SCHEDULE_DELAY", "50".to_owned()),
        ],
        ..Opening::default()
    }
}

/// Publishes an event that says within itself which trace it belongs to. Gives its id.
async fn publish_traced(play: &Play) -> String {
    let id = uuid::Uuid::new_v4().to_string();
    let event = json!({
        "specversion": "1.0", "id": id, "source": "test", "type": "test_added",
        "traceparent": format!("00-{TRACE}-{PUBLISHER}-01"), "data": about_cranes()
    });
    let body = event.to_string().into_bytes();
    play.publish_raw("test_added", body).await;
    id
}

/// The trace and span that a webhook's request names.
fn named_by(request: &Received) -> (String, String) {
    assert_eq!(request.channel, Channel::Webhooks);
    let Via::Http { headers, .. } = &request.via else {
        panic!("not by HTTP")
    };
    let context: Vec<&str> = headers["traceparent"].split('-').collect();
    let [_, trace, span, _] = context[..] else {
        panic!("no trace context: {context:?}")
    };
    (trace.to_owned(), span.to_owned())
}

/// The steps from a span up to the publisher's, the first one first, once all of them came.
async fn way_to(collector: &Collector, span: &str) -> Vec<Span> {
    until("every step of the way", async || {
        let spans = collector.spans();
        let mut way = Vec::new();
        let mut next = span.to_owned();
        while next != PUBLISHER {
            let step = spans.get(&next)?.clone();
            next.clone_from(&step.parent);
            way.push(step);
        }
        way.reverse();
        Some(way)
    })
    .await
}

#[tokio::test]
async fn one_trace_leads_from_the_publisher_through_router_and_sender_to_the_receiver() {
    let (collector, address) = Collector::start().await;
    play_with(exporting_to(&address), async |play: Play| {
        let event = publish_traced(&play).await;
        for request in received(&play, 2).await {
            let (trace, span) = named_by(&request);
            assert_eq!(trace, TRACE);
            let way = way_to(&collector, &span).await;
            let names = play.world.names();
            let router = names.queue(Service::EventRouter);
            let sender = names.queue(Service::WebhookSender);
            let jobs = format!("{}:webhooks", names.jobs());
            let steps: Vec<_> = way
                .iter()
                .map(|step| (step.service.as_str(), step.name.clone()))
                .collect();
            assert_eq!(
                steps,
                [
                    ("event-router", format!("process {router}")),
                    ("event-router", format!("send {jobs}")),
                    ("webhook-sender", format!("process {sender}")),
                    ("webhook-sender", "attempt webhooks".to_owned()),
                ]
            );
            assert!(way.iter().all(|step| step.trace == TRACE), "{way:?}");
            let [decided, sent, worked_on, attempted] = &way[..] else {
                panic!("{way:?}")
            };
            for step in [decided, sent, worked_on] {
                assert_eq!(step.attributes["messaging.system"], "rabbitmq");
            }
            assert_eq!(decided.attributes["event.id"], *event);
            assert_eq!(decided.attributes["event.name"], "test_added");
            assert_eq!(decided.attributes["messaging.destination.name"], *router);
            assert_eq!(sent.attributes["messaging.destination.name"], *jobs);
            assert_eq!(sent.attributes["messaging.operation.type"], "send");
            let job = request.job.unwrap().to_string();
            assert_eq!(sent.attributes["messaging.message.id"], *job);
            assert_eq!(worked_on.attributes["job.id"], *job);
            assert_eq!(worked_on.attributes["messaging.operation.type"], "process");
            assert!(
                attempted
                    .attributes
                    .contains_key("http.response.status_code")
            );
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_collector_that_is_not_there_is_told_of_once_and_keeps_nothing_back() {
    // A port that was free a moment ago, and which nobody answers at.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    play_with(exporting_to(&address), async |mut play: Play| {
        let log = play.fleet.log(Service::EventRouter);
        let complaints = || {
            let log = fs::read_to_string(&log).unwrap();
            log.matches("traces cannot be exported").count()
        };
        publish_traced(&play).await;
        received(&play, 2).await;
        until("the complaint", async || (complaints() > 0).then_some(())).await;
        publish_traced(&play).await;
        received(&play, 4).await;
        // At its end a service tries once more to export what is left.
        play.fleet.terminate().await.unwrap();
        assert_eq!(complaints(), 1);
        play.world.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_a_collector_the_publishers_own_context_reaches_the_receiver() {
    let opening = Opening {
        services: vec![Service::EventRouter, Service::WebhookSender],
        ..Opening::default()
    };
    play_with(opening, async |play: Play| {
        publish_traced(&play).await;
        for request in received(&play, 2).await {
            let own = (TRACE.to_owned(), PUBLISHER.to_owned());
            assert_eq!(named_by(&request), own);
        }
        play.end().await;
    })
    .await;
}
