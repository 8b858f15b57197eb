//! Every resource is of a kind that is known here, and has the shape of its kind.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{checker, printed};
use crate::rendered::{ALL, Rendered, described};

/// Kinds of Kubernetes itself, which kubernetes-validate knows. Of a kind that it does not know
/// it says nothing, so what is not named here or below fails.
const CORE: &[&str] = &[
    "v1/ConfigMap",
    "v1/Namespace",
    "v1/Secret",
    "v1/Service",
    "v1/ServiceAccount",
    "apps/v1/Deployment",
    "autoscaling/v2/HorizontalPodAutoscaler",
    "batch/v1/Job",
    "networking.k8s.io/v1/NetworkPolicy",
    "policy/v1/PodDisruptionBudget",
];

/// Kinds of operators.
const CUSTOM: &[&str] = &[
    "external-secrets.io/v1/ExternalSecret",
    "external-secrets.io/v1/SecretStore",
    "keda.sh/v1alpha1/ScaledObject",
    "keda.sh/v1alpha1/TriggerAuthentication",
    "monitoring.coreos.com/v1/PodMonitor",
    "monitoring.coreos.com/v1/PrometheusRule",
    "rabbitmq.com/v1beta1/Binding",
    "rabbitmq.com/v1beta1/Exchange",
    "rabbitmq.com/v1beta1/Permission",
    "rabbitmq.com/v1beta1/Policy",
    "rabbitmq.com/v1beta1/Queue",
    "rabbitmq.com/v1beta1/RabbitmqCluster",
    "rabbitmq.com/v1beta1/TopicPermission",
    "rabbitmq.com/v1beta1/User",
    "rabbitmq.com/v1beta1/Vhost",
];

fn kind(resource: &Value) -> String {
    let text = |member: &str| resource[member].as_str().unwrap();
    format!("{}/{}", text("apiVersion"), text("kind"))
}

fn core(rendered: &Rendered) -> Vec<&Value> {
    let all = rendered.resources.iter();
    all.filter(|it| CORE.contains(&kind(it).as_str())).collect()
}

#[test]
fn everything_renders_and_nothing_is_of_a_kind_that_nobody_checks() {
    for (overlay, rendered) in &*ALL {
        assert!(!rendered.resources.is_empty(), "{overlay}");
        for resource in &rendered.resources {
            let kind = kind(resource);
            let known = CORE.iter().chain(CUSTOM).any(|known| **known == kind);
            assert!(known, "{overlay}: {} is {kind}", described(resource));
        }
    }
}

#[test]
fn what_kubernetes_knows_has_its_shape() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = ALL
        .iter()
        .map(|(overlay, rendered)| {
            let file = folder.path().join(format!("{overlay}.json"));
            let list = core(rendered);
            assert!(!list.is_empty());
            // One document a line is YAML too.
            let lines: Vec<String> = list.iter().map(|it| format!("---\n{it}\n")).collect();
            std::fs::write(&file, lines.concat()).unwrap();
            file
        })
        .collect();
    printed(checker("kubernetes-validate").arg("--strict").args(files));
}

#[test]
fn what_operators_know_has_its_shape_where_their_schemas_are_given() {
    let Some(schemas) = std::env::var_os("DOJO_CRD_SCHEMAS") else {
        eprintln!("skipped: DOJO_CRD_SCHEMAS names no folder of schemas");
        return;
    };
    let mut checked = 0;
    for (overlay, rendered) in &*ALL {
        for resource in &rendered.resources {
            if CUSTOM.contains(&kind(resource).as_str()) {
                assert_shape(Path::new(&schemas), overlay, resource);
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked} custom resources");
}

/// Against `<group>/<kind>_<version>.json`, as the CRDs-catalog has them.
fn assert_shape(schemas: &Path, overlay: &str, resource: &Value) {
    let api = resource["apiVersion"].as_str().unwrap();
    let (group, version) = api.split_once('/').unwrap();
    let kind = resource["kind"].as_str().unwrap().to_lowercase();
    let file = schemas.join(group).join(format!("{kind}_{version}.json"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{} cannot be read: {error}", file.display());
    });
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(resource)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        errors.is_empty(),
        "{overlay}: {}: {errors:#?}",
        described(resource)
    );
}
