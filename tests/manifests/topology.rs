//! What is on the broker and who may do what there stands in the code; the manifests repeat it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{ours, printed, repository};
use crate::rendered::{Rendered, name};

fn assert_written(file: &str, command: &str) {
    let there = std::fs::read_to_string(repository().join(file)).unwrap();
    let wanted = printed(ours("notifyctl").args(["topology", command]));
    assert!(
        there == wanted,
        "{file} is not what the code says; run ./dev manifests"
    );
}

#[test]
fn the_custom_resources_of_the_broker_are_what_the_code_says() {
    assert_written(
        "k8s/components/rabbitmq-operator/topology.yaml",
        "manifests",
    );
}

#[test]
fn the_definitions_for_compose_are_what_the_code_says() {
    assert_written("compose/rabbitmq/definitions.json", "definitions");
}

#[test]
fn what_lies_in_queues_outlives_their_manifests() {
    let production = Rendered::of("production");
    for kind in ["Queue", "Vhost"] {
        let all = production.kind(kind);
        assert!(!all.is_empty());
        for (name, it) in all {
            assert_eq!(it["spec"]["deletionPolicy"], "retain", "{name}");
        }
    }
}

#[test]
fn a_sender_may_read_its_own_queues_write_its_own_rungs_and_tell_of_failures_and_nothing_else() {
    let definitions = printed(ours("notifyctl").args(["topology", "definitions"]));
    let definitions: Value = serde_json::from_str(&definitions).unwrap();
    let of = |list: &str, user: &str| -> Vec<Value> {
        let all = definitions[list].as_array().unwrap().iter();
        all.filter(|it| it["user"] == user).cloned().collect()
    };
    let permissions = of("permissions", "slack-sender");
    assert_eq!(permissions.len(), 1);
    assert_eq!(permissions[0]["configure"], "^$");
    assert_eq!(
        permissions[0]["read"],
        r"^(dojo\.slack-sender|dojo\.slack-sender\.dead)$"
    );
    assert_eq!(permissions[0]["write"], r"^(dojo\.retry|dojo\.jobs)$");
    let topics: BTreeSet<(String, String)> = of("topic_permissions", "slack-sender")
        .iter()
        .map(|it| (it["exchange"].to_string(), it["write"].to_string()))
        .collect();
    let wanted = [
        (r#""dojo.retry""#, r#""^slack-sender\\.[0-9]+$""#),
        (r#""dojo.jobs""#, r#""^(alert)$""#),
    ];
    let wanted = wanted.map(|(exchange, keys)| (exchange.to_owned(), keys.to_owned()));
    assert_eq!(topics, wanted.into());
}

#[test]
fn every_user_of_the_broker_has_a_secret_with_its_name_and_password() {
    let production = Rendered::of("production");
    let secrets = production.kind("ExternalSecret");
    let users = production.kind("User");
    assert!(users.len() > 7);
    for (user, it) in users {
        assert_eq!(it["spec"]["importCredentialsSecret"]["name"], user);
        let secret = secrets[user];
        assert_eq!(name(secret), secret["spec"]["target"]["name"]);
        let data = &secret["spec"]["target"]["template"]["data"];
        assert_eq!(data["username"], user);
        assert!(data["password"].is_string(), "{user}");
    }
}
