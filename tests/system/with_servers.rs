//! The command `with-servers`.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

const WITH_SERVERS: &str = env!("CARGO_BIN_EXE_with-servers");

fn with_servers(options: &[&str], script: &str) -> Command {
    let mut command = Command::new(WITH_SERVERS);
    command
        .args(options)
        .args(["--", "sh", "-c", script])
        .stdin(Stdio::null());
    command
}

/// One run, since starting servers takes its time: private servers outside, and inside commands that find them.
#[test]
fn private_servers_are_started_found_by_the_next_one_and_the_exit_code_is_passed_on() {
    let wrong_password = "postgres://postgres:hush@${DD_DATABASE_URL#*@}";
    let script = format!(
        r#"echo "$DD_BROKER_URL $DD_DATABASE_URL"
        {WITH_SERVERS} -- true && DD_DATABASE_URL={wrong_password} {WITH_SERVERS} -- true && exit 7"#
    );
    let output = with_servers(&["--provision"], &script).output().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );

    assert_eq!(output.status.code(), Some(7), "{err}");
    assert!(
        out.starts_with("amqp://dojo:") && out.contains(" postgres://postgres:"),
        "{out}"
    );
    assert!(
        err.contains("broker: starting a private RabbitMQ (--provision was given)"),
        "{err}"
    );
    assert!(
        err.contains("database: starting a private PostgreSQL (--provision was given)"),
        "{err}"
    );
    assert_eq!(err.matches("broker: using 127.0.0.1:").count(), 2, "{err}");
    assert_eq!(
        err.matches("database: using 127.0.0.1:").count(),
        1,
        "{err}"
    );
    assert_eq!(err.matches("cannot be used: no log-in").count(), 1, "{err}");
    assert!(!err.contains("hush"), "no password is told: {err}");
}

#[test]
fn a_signal_reaches_all_processes_of_the_command() {
    // The reading end of the pipe sees its end only when the sleeping process, too, is gone.
    let mut child = with_servers(&[], "trap 'exit 42' TERM; echo ready; sleep 600 & wait")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    Command::new("kill")
        .args(["-s", "TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(42));
    assert!(lines.next().is_none());
}
