//! The way with Docker Compose.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use chassis::broker::User;
use proto_events::Service;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{checker, printed, repository, variables};
use crate::rendered::{documents, list};
use crate::variables::assert_understood;

fn folder() -> std::path::PathBuf {
    repository().join("compose")
}

fn file() -> Value {
    let text = fs::read_to_string(folder().join("compose.yaml")).unwrap();
    // Merge keys are of YAML 1.1, and Compose's. What is merged may merge in turn.
    let mut value: serde_norway::Value = serde_norway::from_str(&text).unwrap();
    value.apply_merge().unwrap();
    value.apply_merge().unwrap();
    serde_json::to_value(value).unwrap()
}

/// The containers that run a program of ours, by name.
fn ours(file: &Value) -> BTreeMap<&str, &Value> {
    let services = file["services"].as_object().unwrap().iter();
    services
        .filter(|(_, it)| it["image"].as_str().unwrap().starts_with("dojo-notify:"))
        .map(|(name, it)| (name.as_str(), it))
        .collect()
}

/// Those that run for good, each named as its program.
fn services(file: &Value) -> BTreeMap<&str, &Value> {
    let mut services = ours(file);
    services.retain(|_, it| !it["healthcheck"].is_null());
    for service in Service::ALL.map(Service::as_str) {
        assert!(services.contains_key(service), "{service} is missing");
    }
    services
}

/// Runs make-secrets on a copy of the folder's scripts.
fn secrets() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let script = copy.path().join("make-secrets");
    fs::copy(folder().join("make-secrets"), &script).unwrap();
    printed(&mut Command::new(&script));
    copy
}

/// What a variable of Compose's is if nobody sets it.
fn default(value: &str) -> &str {
    match value.strip_prefix("${").and_then(|it| it.strip_suffix('}')) {
        Some(inner) => inner.split_once(":-").unwrap().1,
        None => value,
    }
}

#[test]
fn the_file_has_the_shape_of_compose_files_and_the_dockerfile_is_clean() {
    printed(checker("check-jsonschema").args([
        "--builtin-schema".as_ref(),
        "vendor.compose-spec".as_ref(),
        folder().join("compose.yaml").as_os_str(),
    ]));
    printed(checker("hadolint").arg(folder().join("Dockerfile")));
}

#[test]
fn every_service_runs_its_own_program_and_says_whether_it_is_well() {
    for (service, it) in services(&file()) {
        let program = format!("/usr/local/bin/{service}");
        assert_eq!(it["command"], json!([program]));
        assert_eq!(
            it["healthcheck"]["test"],
            json!(["CMD", program, "healthcheck"])
        );
        let wanted = json!({
            "rabbitmq": {"condition": "service_healthy"},
            "postgres": {"condition": "service_healthy"},
            "migration": {"condition": "service_completed_successfully"},
        });
        assert_eq!(it["depends_on"], wanted, "{service}");
    }
}

#[test]
fn containers_are_read_only_without_rights_and_reached_from_this_machine_only() {
    let file = file();
    for (name, it) in file["services"].as_object().unwrap() {
        assert_eq!(it["read_only"], true, "{name}");
        assert_eq!(it["security_opt"], json!(["no-new-privileges:true"]));
        for port in list(&it["ports"]) {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name}");
        }
    }
    for (name, it) in ours(&file) {
        assert_eq!(it["cap_drop"], json!(["ALL"]), "{name}");
        assert_eq!(it["user"], "65532:65532", "{name}");
        let image = it["image"].as_str().unwrap();
        assert_eq!(
            image,
            concat!(
                "dojo-notify:${DOJO_NOTIFY_VERSION:-",
                env!("CARGO_PKG_VERSION"),
                "}"
            )
        );
    }
}

#[test]
fn a_service_reads_the_variables_that_it_is_given_here_too() {
    let file = file();
    for (service, it) in services(&file) {
        let environment = it["environment"].as_object();
        let own: BTreeMap<&str, &str> = environment
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), default(value.as_str().unwrap())))
            .filter(|(name, _)| {
                // Common to all, and read by those that make links.
                *name != "DD_SITE_URL" || variables(service).contains_key("DD_SITE_URL")
            })
            .collect();
        assert_understood(service, &own, &BTreeMap::new());
    }
}

#[test]
fn a_service_is_killed_only_after_its_grace_period() {
    for (service, it) in services(&file()) {
        let said = it["environment"]["DD_SHUTDOWN_GRACE"].as_str();
        let defaults = variables(service);
        let grace = said.or(defaults["DD_SHUTDOWN_GRACE"].as_deref()).unwrap();
        let patience = format!("{}s", grace.parse::<u64>().unwrap() + 5);
        assert_eq!(it["stop_grace_period"], patience, "{service}");
    }
}

#[test]
fn every_secret_is_a_file_that_make_secrets_makes() {
    let file = file();
    let made = secrets();
    let defined = file["secrets"].as_object().unwrap();
    for (name, secret) in defined {
        let path = secret["file"].as_str().unwrap();
        let there = made.path().join(path);
        assert!(there.is_file(), "{name}: make-secrets makes no {path}");
    }
    for (name, it) in file["services"].as_object().unwrap() {
        let mut targets = BTreeSet::new();
        for secret in list(&it["secrets"]) {
            let source = secret.as_str().or(secret["source"].as_str()).unwrap();
            assert!(defined.contains_key(source), "{name}: {source}");
            targets.insert(secret["target"].as_str().unwrap_or(source));
        }
        for value in it["environment"].as_object().into_iter().flatten() {
            let value = value.1.as_str().unwrap();
            if let Some(target) = value.strip_prefix("/run/secrets/") {
                assert!(targets.contains(target), "{name}: {target}");
            }
        }
    }
}

#[test]
fn make_secrets_makes_a_user_for_everybody_each_with_a_password_of_its_own_and_keeps_what_is_there()
{
    let made = secrets();
    let read = |name: &str| fs::read_to_string(made.path().join("secrets").join(name)).unwrap();
    let users: Value = serde_json::from_str(&read("users.json")).unwrap();
    let all: BTreeMap<&str, &Value> = list(&users["users"])
        .iter()
        .map(|user| (user["name"].as_str().unwrap(), user))
        .collect();
    for user in User::all() {
        let tags: Vec<&str> = user.tag().into_iter().collect();
        assert_eq!(all[user.as_str()]["tags"], json!(tags), "{user}");
    }
    let passwords: BTreeSet<&str> = all
        .values()
        .map(|user| user["password"].as_str().unwrap())
        .collect();
    assert_eq!(passwords.len(), all.len());
    for service in Service::ALL {
        let password = all[service.as_str()]["password"].as_str().unwrap();
        let url = read(&format!("{service}.broker-url"));
        assert_eq!(
            url.trim(),
            format!("amqp://{service}:{password}@rabbitmq:5672/dojo-notify")
        );
        let role = format!("dojo_notify_{}", service.as_str().replace('-', "_"));
        assert!(read("roles.sql").contains(&format!("CREATE ROLE {role} LOGIN")));
    }
    let before = read("encryption-key");
    printed(&mut Command::new(made.path().join("make-secrets")));
    assert_eq!(read("encryption-key"), before);
}

#[test]
fn prometheus_asks_every_service_and_is_given_files_that_are_there() {
    let text = fs::read_to_string(folder().join("prometheus/prometheus.yml")).unwrap();
    let prometheus = &documents(&text)[0];
    let targets = &prometheus["scrape_configs"][0]["static_configs"][0]["targets"];
    let file = file();
    let services = services(&file);
    let wanted: BTreeSet<String> = services
        .keys()
        .map(|service| format!("{service}:8080"))
        .collect();
    let asked: BTreeSet<String> = list(targets)
        .iter()
        .map(|target| target.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(asked, wanted);
    for it in file["services"].as_object().unwrap().values() {
        for volume in list(&it["volumes"]) {
            let source = volume.as_str().unwrap().split(':').next().unwrap();
            if source.starts_with('.') {
                let path = folder().join(Path::new(source));
                assert!(path.is_file(), "{source} is not there");
            }
        }
    }
}
