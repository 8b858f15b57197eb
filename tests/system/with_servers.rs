//! The command `with-servers`.

use std::process::{Command, Stdio};

use system_tests::play::PATIENCE;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::time::timeout;

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

#[tokio::test]
async fn a_signal_reaches_all_processes_of_the_command() {
    // The reading end of the pipe sees its end only when the sleeping process, too, is gone, which
    // sleeps for longer than it is waited for.
    let script = "trap 'exit 42' TERM; echo ready; sleep 200 & wait";
    let mut child = tokio::process::Command::from(with_servers(&[], script))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = timeout(PATIENCE, lines.next_line()).await;
    let ready = ready.expect("the command starts").unwrap();
    assert_eq!(ready.as_deref(), Some("ready"));
    Command::new("kill")
        .args(["-s", "TERM", &child.id().unwrap().to_string()])
        .status()
        .unwrap();
    let ended = timeout(PATIENCE, child.wait()).await;
    let ended = ended.expect("the signal reaches the command").unwrap();
    assert_eq!(ended.code(), Some(42));
    let rest = timeout(PATIENCE, lines.next_line()).await;
    let rest = rest.expect("the signal reaches the sleeping process");
    assert_eq!(rest.unwrap(), None);
}
