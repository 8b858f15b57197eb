//! What the program says of its variables.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

use std::path::PathBuf;
use std::process::{Command, Output};

fn email_sender(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_email-sender"))
        .args(arguments)
        .env_remove("DD_EMAIL_URL")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// A file with this text, as secrets are mounted.
fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// That the program stopped with one line about this variable, and kept the password.
fn assert_refused(output: &Output, variable: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.starts_with(&format!("email-sender: {variable} is not usable: ")),
        "{said}"
    );
    assert!(!said.contains("topsecret"), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn an_address_that_is_none_stops_the_start_without_showing_its_password() {
    for address in [
        "smtpx://user:topsecret@host",
        "topsecret:25",
        "smtp://user:topsecret@host:port",
    ] {
        let output = email_sender(&[], &[("DD_EMAIL_URL", address)]);
        assert_refused(&output, "DD_EMAIL_URL");
    }
    let output = email_sender(&[], &[("DD_BROKER_URL", "amqp:user:topsecret@host")]);
    assert_refused(&output, "DD_BROKER_URL");
    let path = file("bad-email-url", "smtpx://user:topsecret@host\n");
    let output = email_sender(&[], &[("DD_EMAIL_URL_FILE", &path)]);
    assert_refused(&output, "DD_EMAIL_URL");
}

#[test]
fn help_does_not_show_what_a_secret_file_holds() {
    let path = file("email-url", "smtp://user:topsecret@host\n");
    let output = email_sender(&["--help"], &[("DD_EMAIL_URL_FILE", &path)]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("DD_EMAIL_URL"));
    assert!(!said.contains("topsecret"), "{said}");
}
