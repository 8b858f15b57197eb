//! The alert rules, with Prometheus' own checker; and what to do about each.

use std::fs;

use serde_json::Value;

use crate::program::{printed, repository};
use crate::rendered::{Rendered, documents, list};

fn rules() -> Value {
    let file = repository().join("k8s/components/monitoring/alerts.yaml");
    documents(&fs::read_to_string(file).unwrap()).remove(0)
}

/// Prometheus' checker, from Debian's package `prometheus`.
fn promtool() -> std::process::Command {
    std::process::Command::new("promtool")
}

#[test]
fn the_rules_are_sound_and_each_alert_comes_when_it_should() {
    let monitoring = repository().join("k8s/components/monitoring");
    printed(
        promtool()
            .args(["check", "rules"])
            .arg(monitoring.join("alerts.yaml")),
    );
    // The tests name the rules as their neighbour.
    let folder = tempfile::tempdir().unwrap();
    let tests = repository().join("tests/manifests/alerts.test.yaml");
    for (from, name) in [
        (monitoring.join("alerts.yaml"), "alerts.yaml"),
        (tests, "alerts.test.yaml"),
    ] {
        fs::copy(from, folder.path().join(name)).unwrap();
    }
    let file = folder.path().join("alerts.test.yaml");
    printed(promtool().args(["test", "rules"]).arg(file));
}

#[test]
fn the_custom_resource_and_the_file_are_the_same_rules() {
    let production = Rendered::of("production");
    let resource = production.kind("PrometheusRule")["dojo-notify"];
    assert_eq!(resource["spec"], rules(), "run ./dev manifests");
}

#[test]
fn every_alert_is_tested_and_has_a_section_of_the_runbook() {
    let runbook = fs::read_to_string(repository().join("docs/runbook.md")).unwrap();
    let tests = repository().join("tests/manifests/alerts.test.yaml");
    let tests = fs::read_to_string(tests).unwrap();
    let mut alerts = 0;
    for group in list(&rules()["groups"]) {
        for rule in list(&group["rules"]) {
            let Some(alert) = rule["alert"].as_str() else {
                continue;
            };
            alerts += 1;
            let section = format!("\n## {alert}\n");
            assert!(runbook.contains(&section), "docs/runbook.md lacks {alert}");
            assert!(
                tests.contains(&format!("alertname: {alert}\n")),
                "no test of {alert}"
            );
            let url = format!("docs/runbook.md#{}", alert.to_lowercase());
            assert_eq!(rule["annotations"]["runbook_url"], url);
        }
    }
    assert!(alerts > 5);
}
