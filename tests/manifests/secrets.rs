//! The Secrets that pods read are made, with the members that they read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::repository;
use crate::rendered::{Rendered, container, environment, list, shared_environment};

/// Where Secrets are mounted.
const MOUNT: &str = "/run/secrets/dojo-notify/";

/// The Secrets that pods of an installation read, each with the members that they read.
fn read(rendered: &Rendered) -> Vec<(&str, BTreeSet<&str>)> {
    let shared = shared_environment(rendered);
    let mut all = Vec::new();
    for kind in ["Deployment", "Job"] {
        for it in rendered.kind(kind).values() {
            let pod = &it["spec"]["template"]["spec"];
            let Some(secret) = pod["volumes"][0]["secret"]["secretName"].as_str() else {
                continue;
            };
            let container = container(it);
            let own = environment(container);
            let shares = !container["envFrom"].is_null();
            let values = own
                .into_values()
                .chain(shared.values().copied().filter(|_| shares));
            let members = values.filter_map(|value| value.strip_prefix(MOUNT));
            all.push((secret, members.collect()));
        }
    }
    all
}

#[test]
fn every_secret_that_a_pod_reads_is_made_with_the_members_that_it_reads() {
    let production = Rendered::of("production");
    let secrets = production.kind("ExternalSecret");
    let read = read(production);
    assert!(read.len() > 7);
    for (secret, members) in read {
        let made = &secrets[secret]["spec"]["target"]["template"]["data"];
        for member in members {
            assert!(made[member].is_string(), "{secret} has no {member}");
        }
    }
    let dev = Rendered::of("dev");
    for (secret, members) in self::read(dev) {
        let made = &dev.kind("Secret")[secret]["data"];
        for member in members {
            assert!(made[member].is_string(), "{secret} has no {member}");
        }
    }
}

#[test]
fn keda_reads_what_its_secret_has() {
    let production = Rendered::of("production");
    let made = &production.kind("ExternalSecret")["keda"]["spec"]["target"]["template"]["data"];
    for it in production.kind("TriggerAuthentication").values() {
        for reference in list(&it["spec"]["secretTargetRef"]) {
            assert_eq!(reference["name"], "keda");
            assert!(made[reference["key"].as_str().unwrap()].is_string());
        }
    }
}

#[test]
fn every_service_logs_in_as_itself() {
    let roles = std::fs::read_to_string(repository().join("services/store/roles.sql")).unwrap();
    let production = Rendered::of("production");
    let cluster = production.kind("RabbitmqCluster");
    let broker = cluster.keys().next().unwrap();
    let secrets = production.kind("ExternalSecret");
    for service in production.services().keys() {
        let text = |member: &str| -> &str {
            let data = &secrets[service]["spec"]["target"]["template"]["data"];
            data[member].as_str().unwrap()
        };
        let url = text("broker-url");
        assert!(url.starts_with(&format!("amqp://{service}:")), "{url}");
        assert!(url.ends_with(&format!("@{broker}:5672/dojo-notify")));
        let role = format!("dojo_notify_{}", service.replace('-', "_"));
        let url = text("database-url");
        assert!(url.starts_with(&format!("postgres://{role}:")), "{url}");
        assert!(roles.contains(&role), "roles.sql has no {role}");
    }
    let data: &Value = &secrets["keda"]["spec"]["target"]["template"]["data"];
    let url = data["database-url"].as_str().unwrap();
    assert!(url.starts_with("postgres://dojo_notify_keda:"), "{url}");
}
