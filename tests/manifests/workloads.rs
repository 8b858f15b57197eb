//! Each service's Deployment: its rights on the node, its probes, its way to stop, its version.

use std::collections::BTreeSet;

use proto_events::Service;
use serde_json::{Value, json};

use crate::program::variables;
use crate::rendered::{
    ALL, Rendered, container, described, environment, list, name, program, shared_environment,
};

/// Seconds for a service to say good-bye after its grace period.
const GOOD_BYE: u64 = 5;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What makes pods, in every overlay.
fn pods() -> impl Iterator<Item = (&'static Value, &'static Value)> {
    ALL.values().flat_map(|rendered| {
        let all = rendered.resources.iter();
        all.filter(|it| it["kind"] == "Deployment" || it["kind"] == "Job")
            .map(|it| (it, &it["spec"]["template"]["spec"]))
    })
}

#[test]
fn every_service_has_a_deployment_an_account_a_budget_and_runs_its_own_program() {
    let base = Rendered::of("base");
    let services = base.services();
    for service in Service::ALL.map(Service::as_str) {
        let deployment = services
            .get(service)
            .unwrap_or_else(|| panic!("k8s/base has no {service}"));
        assert_eq!(program(container(deployment)), service);
        let pod = &deployment["spec"]["template"]["spec"];
        assert_eq!(pod["serviceAccountName"], service);
        assert!(base.kind("ServiceAccount").contains_key(service));
        let budget = base.kind("PodDisruptionBudget")[service];
        assert_eq!(budget["spec"]["maxUnavailable"], 1);
        assert_eq!(budget["spec"]["unhealthyPodEvictionPolicy"], "AlwaysAllow");
        assert_eq!(
            budget["spec"]["selector"], deployment["spec"]["selector"],
            "{service}"
        );
    }
}

#[test]
fn no_pod_has_a_token_or_more_rights_on_its_node_than_it_needs() {
    for (resource, pod) in pods() {
        let who = described(resource);
        assert_eq!(pod["automountServiceAccountToken"], false, "{who}");
        assert_eq!(pod["enableServiceLinks"], false, "{who}");
        let security = &pod["securityContext"];
        assert_eq!(security["runAsNonRoot"], true, "{who}");
        assert!(security["runAsUser"].as_u64() > Some(0), "{who}");
        assert_eq!(security["seccompProfile"]["type"], "RuntimeDefault");
        for container in list(&pod["containers"]) {
            let security = &container["securityContext"];
            assert_eq!(security["allowPrivilegeEscalation"], false, "{who}");
            assert_eq!(security["capabilities"]["drop"], json!(["ALL"]), "{who}");
            assert!(container["resources"]["requests"]["cpu"].is_string());
            assert!(container["resources"]["requests"]["memory"].is_string());
            assert!(container["resources"]["limits"]["memory"].is_string());
            if container["image"].as_str().unwrap().contains("dojo-notify") {
                assert_eq!(security["readOnlyRootFilesystem"], true, "{who}");
            }
        }
    }
}

#[test]
fn probes_ask_the_port_that_the_service_listens_on() {
    for rendered in ALL.values() {
        let shared = shared_environment(rendered);
        let (_, port) = shared["DD_HTTP_LISTEN"].rsplit_once(':').unwrap();
        let port: u64 = port.parse().unwrap();
        for (name, deployment) in rendered.services() {
            let container = container(deployment);
            let http = json!({"name": "http", "containerPort": port});
            assert!(list(&container["ports"]).contains(&http), "{name}");
            let probes = [
                ("startupProbe", "/livez"),
                ("livenessProbe", "/livez"),
                ("readinessProbe", "/readyz"),
            ];
            for (probe, path) in probes {
                let asks = json!({"path": path, "port": "http"});
                assert_eq!(container[probe]["httpGet"], asks, "{name}: {probe}");
            }
        }
        for monitor in rendered.kind("PodMonitor").values() {
            assert_eq!(monitor["spec"]["podMetricsEndpoints"][0]["port"], "http");
        }
        if let Some(policy) = rendered.kind("NetworkPolicy").get("metrics") {
            let ports = json!([{"protocol": "TCP", "port": port}]);
            assert_eq!(policy["spec"]["ingress"][0]["ports"], ports);
        }
    }
}

#[test]
fn a_service_is_killed_only_after_its_grace_period_and_a_senders_lets_attempts_end() {
    for rendered in ALL.values() {
        for (name, deployment) in rendered.services() {
            let container = container(deployment);
            let defaults = variables(program(container));
            let seconds = |variable: &str| -> Option<u64> {
                let own = environment(container);
                let shared = shared_environment(rendered);
                let said = own.get(variable).or(shared.get(variable)).copied();
                let text = said.or(defaults.get(variable)?.as_deref())?;
                Some(text.parse().unwrap())
            };
            let grace = seconds("DD_SHUTDOWN_GRACE").unwrap();
            let patience = &deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"];
            assert_eq!(*patience, grace + GOOD_BYE, "{name}");
            if name.ends_with("-sender") {
                let attempt = seconds("DD_ATTEMPT_TIMEOUT").unwrap();
                assert!(grace / 2 >= attempt, "{name} cuts attempts off");
            }
        }
    }
}

#[test]
fn replicas_are_spread_over_zones_and_nodes() {
    for (name, deployment) in Rendered::of("base").services() {
        let spread = &deployment["spec"]["template"]["spec"]["topologySpreadConstraints"];
        let keys: Vec<&Value> = list(spread).iter().map(|it| &it["topologyKey"]).collect();
        assert_eq!(
            keys,
            ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
        );
        for constraint in list(spread) {
            let labels = &constraint["labelSelector"]["matchLabels"];
            assert_eq!(labels["app.kubernetes.io/name"], name);
            // Kubernetes refuses a key that stands in both.
            for key in list(&constraint["matchLabelKeys"]) {
                assert!(labels[key.as_str().unwrap()].is_null(), "{name}: {key}");
            }
        }
    }
}

#[test]
fn nothing_goes_in_or_out_unless_a_policy_says_so_and_webhooks_go_to_no_private_address() {
    let base = Rendered::of("base");
    let policies = base.kind("NetworkPolicy");
    let deny = &policies["default-deny"]["spec"];
    assert_eq!(deny["policyTypes"], json!(["Ingress", "Egress"]));
    assert!(deny["ingress"].is_null() && deny["egress"].is_null());
    let ours = &deny["podSelector"]["matchLabels"];
    assert_eq!(*ours, json!({"app.kubernetes.io/part-of": "dojo-notify"}));
    for (name, deployment) in base.services() {
        let labels = &deployment["spec"]["template"]["metadata"]["labels"];
        assert_eq!(
            labels["app.kubernetes.io/part-of"], "dojo-notify",
            "{name} is not denied anything"
        );
    }
    for sender in ["webhook-sender", "slack-sender", "teams-sender", "api"] {
        let egress = &policies[sender]["spec"]["egress"];
        let mut except = BTreeSet::new();
        for to in list(&egress[0]["to"]) {
            except.extend(list(&to["ipBlock"]["except"]).iter().map(Value::as_str));
        }
        for private in [
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "fc00::/7",
            "fe80::/10",
        ] {
            assert!(except.contains(&Some(private)), "{sender}: {private}");
        }
    }
}

#[test]
fn the_migration_and_the_image_are_those_of_this_release() {
    let base = Rendered::of("base");
    let job = format!("migration-{}", VERSION.replace('.', "-"));
    assert!(base.kind("Job").contains_key(job.as_str()), "no {job}");
    for (resource, pod) in pods() {
        for container in list(&pod["containers"]) {
            let image = container["image"].as_str().unwrap();
            let (image, tag) = image.rsplit_once(':').unwrap();
            if image.ends_with("dojo-notify") {
                let tags = [VERSION, "dev"];
                assert!(tags.contains(&tag), "{}: {tag}", name(resource));
            }
        }
    }
}
