//! What scales the services knows their queues.

use std::collections::BTreeSet;

use proto_events::{Names, Service};
use serde_json::Value;

use crate::rendered::{Rendered, list};

/// What KEDA reads of a trigger, of which its schema says nothing (keda.sh/docs, "RabbitMQ Queue"
/// and "PostgreSQL"). What is misspelt there is passed over in silence.
const RABBITMQ: &[&str] = &[
    "activationValue",
    "excludeUnacknowledged",
    "hostFromEnv",
    "mode",
    "operation",
    "pageSize",
    "passwordFromEnv",
    "protocol",
    "queueName",
    "timeout",
    "unsafeSsl",
    "useRegex",
    "usernameFromEnv",
    "value",
    "vhostName",
];
const POSTGRESQL: &[&str] = &[
    "activationTargetQueryValue",
    "connectionFromEnv",
    "dbName",
    "host",
    "passwordFromEnv",
    "port",
    "query",
    "sslmode",
    "targetQueryValue",
    "userName",
];

/// The keys that a trigger must have.
fn needed(kind: &str) -> &'static [&'static str] {
    match kind {
        "rabbitmq" => &["mode", "protocol", "queueName", "value", "vhostName"],
        _ => &["activationTargetQueryValue", "query", "targetQueryValue"],
    }
}

/// The triggers of a ScaledObject of a type.
fn triggers<'a>(object: &'a Value, kind: &str) -> Vec<&'a Value> {
    let all = list(&object["spec"]["triggers"]).iter();
    all.filter(|trigger| trigger["type"] == kind).collect()
}

#[test]
fn the_keys_of_every_trigger_are_ones_that_keda_reads() {
    for (name, object) in Rendered::of("production").kind("ScaledObject") {
        for trigger in list(&object["spec"]["triggers"]) {
            let kind = trigger["type"].as_str().unwrap();
            let known = match kind {
                "rabbitmq" => RABBITMQ,
                "postgresql" => POSTGRESQL,
                other => panic!("{name}: nobody checks the keys of {other}"),
            };
            let metadata = trigger["metadata"].as_object().unwrap();
            let keys: BTreeSet<&str> = metadata.keys().map(String::as_str).collect();
            let unknown: Vec<_> = keys.iter().filter(|key| !known.contains(key)).collect();
            assert!(unknown.is_empty(), "{name}: KEDA reads no {unknown:?}");
            for key in needed(kind) {
                assert!(keys.contains(key), "{name}: {kind} lacks {key}");
            }
            assert!(metadata.values().all(Value::is_string), "{name}");
        }
    }
}

#[test]
fn every_service_is_scaled_by_its_own_queue_over_http_so_that_unacknowledged_work_counts() {
    let production = Rendered::of("production");
    let objects = production.kind("ScaledObject");
    let vhosts = production.kind("Vhost");
    // One scheduler acts, however many there are.
    let scaled = Service::ALL.into_iter();
    for service in scaled.filter(|service| *service != Service::Scheduler) {
        let object = objects[service.as_str()];
        assert_eq!(object["spec"]["scaleTargetRef"]["name"], service.as_str());
        let rabbitmq = triggers(object, "rabbitmq");
        assert_eq!(rabbitmq.len(), 1);
        let metadata = &rabbitmq[0]["metadata"];
        assert_eq!(metadata["protocol"], "http", "{service}");
        assert_eq!(metadata["queueName"], Names::default().queue(service));
        let vhost = metadata["vhostName"].as_str().unwrap();
        assert!(vhosts.contains_key(vhost), "{service}");
    }
}

#[test]
fn only_who_delivers_goes_to_zero_and_jobs_that_wait_in_lines_wake_it() {
    for (name, object) in Rendered::of("production").kind("ScaledObject") {
        let service: Service = name.parse().unwrap();
        let least = object["spec"]["minReplicaCount"].as_u64().unwrap();
        let lines = triggers(object, "postgresql");
        if service.channel().is_some() {
            assert_eq!((least, lines.len()), (0, 1), "{name}");
            let query = lines[0]["metadata"]["query"].as_str().unwrap();
            assert!(query.contains(&format!("'{name}'")), "{name}: {query}");
        } else {
            assert!(least > 0 && lines.is_empty(), "{name}");
        }
    }
}

#[test]
fn whoever_scales_a_service_is_the_only_one_who_says_how_many_there_are() {
    for (overlay, kind) in [
        ("production", "ScaledObject"),
        ("minimal", "HorizontalPodAutoscaler"),
    ] {
        let rendered = Rendered::of(overlay);
        let scaled: BTreeSet<&str> = rendered.kind(kind).into_keys().collect();
        for (name, deployment) in rendered.services() {
            let said = !deployment["spec"]["replicas"].is_null();
            assert_ne!(scaled.contains(name), said, "{overlay}: {name}");
        }
    }
}
