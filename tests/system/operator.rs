//! The operator's tool, as a person runs it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use notifyctl::stage::{Servers, World};

pub(crate) fn notifyctl(arguments: &[&str]) -> Command {
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.pop();
    let mut command = Command::new(program.join("notifyctl"));
    command.args(arguments);
    command
}

pub(crate) fn words(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Runs the tool in a world, with further variables, while what the test serves goes on.
pub(crate) async fn run_in(
    world: &World,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Output {
    let mut command = notifyctl(arguments);
    command.envs(world.environment());
    command.envs(variables.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// Publishes a text from standard input under a world's prefix.
fn publish(world: &World, events: &str) -> Output {
    let mut child = notifyctl(&["events", "publish", "-"])
        .env("DD_BROKER_PREFIX", world.names().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(events.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

const EVENT: &str =
    r#"{"specversion":"1.0","id":"1","source":"s","type":"product_added","data":{"title":"T"}}"#;

#[tokio::test]
async fn the_demo_delivers_every_recorded_event_and_its_account_balances() {
    let folder = tempfile::tempdir().unwrap();
    let messages = folder.path().to_str().unwrap().to_owned();
    let output = tokio::task::spawn_blocking(move || {
        notifyctl(&["demo", "--messages", &messages])
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    let words = words(&output);
    assert!(output.status.success(), "{words}");
    for line in [
        "129 recorded from a DefectDojo",
        "0 waiting",
        "agree in every message",
        "prefix and database removed",
    ] {
        assert!(words.contains(line), "no {line:?} in:\n{words}");
    }
    assert!(
        !words.contains('\u{1b}'),
        "colour where there is no terminal:\n{words}"
    );
    for kind in ["mail", "slack", "msteams", "webhooks"] {
        assert!(
            folder.path().join(kind).read_dir().unwrap().count() > 50,
            "few messages of {kind}"
        );
    }
}

#[tokio::test]
async fn publishing_says_how_many_events_the_broker_has_and_a_broken_line_stops_before_anything_is_sent()
 {
    let world = World::create(
        "test",
        &Servers::from_environment().unwrap(),
        "1,2".parse().unwrap(),
    )
    .await
    .unwrap();
    let output = publish(&world, &format!("{EVENT}\n\n{EVENT}\n"));
    assert!(output.status.success(), "{}", words(&output));
    assert!(
        words(&output).contains("2 events published and confirmed."),
        "{}",
        words(&output)
    );
    let broken = EVENT.replace("\"title\":\"T\"", "\"title\":7");
    let output = publish(&world, &format!("{EVENT}\n{broken}\n"));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        words(&output).contains("line 2") && words(&output).contains("data.title"),
        "{}",
        words(&output)
    );
    assert_eq!(
        world.messages_in_queues().await.unwrap(),
        2,
        "only the first two were sent"
    );
    world.close().await.unwrap();
}

#[test]
fn publishing_where_nobody_takes_events_says_what_to_do() {
    let output = notifyctl(&["events", "publish", "tests/fixtures/events.jsonl"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env("DD_BROKER_PREFIX", "test-nobody-is-here")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        words(&output).contains("run notifyctl topology apply"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_wrong_value_stops_with_a_line_that_names_the_variable_and_what_is_allowed() {
    let output = notifyctl(&["topology", "check"])
        .env("DD_BROKER_PREFIX", "Not OK")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        words(&output).contains("use 1 to 40 of a-z, 0-9 and -"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_secret_can_come_from_a_file_but_not_from_both() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    std::fs::write(&file, "amqp://somebody:hunter2@127.0.0.1:9/%2f\n").unwrap();
    let output = notifyctl(&["topology", "check"])
        .env_remove("DD_BROKER_URL")
        .env("DD_BROKER_URL_FILE", &file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        words(&output).contains("amqp://127.0.0.1:9") && !words(&output).contains("hunter2"),
        "{}",
        words(&output)
    );
    let both = notifyctl(&["topology", "check"])
        .env("DD_BROKER_URL", "amqp://127.0.0.1/%2f")
        .env("DD_BROKER_URL_FILE", &file)
        .output()
        .unwrap();
    assert_eq!(both.status.code(), Some(2));
    assert!(words(&both).contains("set one of them"), "{}", words(&both));
}
