//! Every variable in the manifests is one that the program reads, with a value that it takes.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::{ours, output, variables};
use crate::rendered::{ALL, Rendered, container, environment, program, shared_environment};

/// A variable and its like that names a file.
fn base(variable: &str) -> &str {
    variable.strip_suffix("_FILE").unwrap_or(variable)
}

/// Whether a program reads a variable, by itself or from the file that it names.
fn reads(known: &BTreeMap<String, Option<String>>, variable: &str) -> bool {
    known.contains_key(variable) || known.contains_key(base(variable))
}

fn assert_read(program: &str, variable: &str) {
    assert!(
        reads(&variables(program), variable),
        "{program} reads no {variable}"
    );
}

/// Starts a program with variables as far as its health check, which asks where nobody listens:
/// exit code 2 would say that a value cannot be used. Files are those of a container.
pub(crate) fn assert_takes(program: &str, environment: &BTreeMap<&str, &str>) {
    let values = environment
        .iter()
        .filter(|(name, value)| !value.starts_with("/run/secrets/") && **name != "DD_HTTP_LISTEN");
    let mut command = ours(program);
    command.arg("healthcheck").envs(values);
    command.env("DD_HTTP_LISTEN", "127.0.0.1:1");
    let ended = output(&mut command);
    assert_eq!(
        ended.status.code(),
        Some(1),
        "{program}: {}",
        String::from_utf8_lossy(&ended.stderr)
    );
}

/// Asserts that a program reads each of the variables that are its own, and takes all values.
pub(crate) fn assert_understood(
    program: &str,
    own: &BTreeMap<&str, &str>,
    shared: &BTreeMap<&str, &str>,
) {
    for variable in own.keys() {
        assert_read(program, variable);
    }
    let mut all = shared.clone();
    all.extend(own);
    assert_takes(program, &all);
}

#[test]
fn a_service_reads_the_variables_that_it_is_given_and_takes_their_values() {
    for rendered in ALL.values() {
        let shared = shared_environment(rendered);
        for deployment in rendered.services().values() {
            let container = container(deployment);
            assert_understood(program(container), &environment(container), &shared);
        }
    }
}

#[test]
fn what_all_services_are_given_somebody_reads() {
    let manifests = Rendered::of("base");
    let programs: BTreeSet<&str> = manifests
        .services()
        .values()
        .map(|deployment| program(container(deployment)))
        .collect();
    let known: Vec<_> = programs.into_iter().map(variables).collect();
    for rendered in ALL.values() {
        for variable in shared_environment(rendered).keys() {
            assert!(
                known.iter().any(|known| reads(known, variable)),
                "no service reads {variable}"
            );
        }
    }
}

#[test]
fn the_migration_reads_its_variables() {
    let manifests = Rendered::of("base");
    let jobs = manifests.kind("Job");
    let container = container(jobs.values().next().unwrap());
    assert_eq!(program(container), "notifyctl");
    let words: Vec<&str> = container["command"]
        .as_array()
        .unwrap()
        .iter()
        .skip(1)
        .map(|word| word.as_str().unwrap())
        .collect();
    let help = output(ours("notifyctl").args(words).arg("--help"));
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for variable in environment(container).keys() {
        assert!(help.contains(&format!("[env: {}", base(variable))));
    }
}
