//! What rules and dashboard ask for, the services tell.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use notifyctl::stage::Answer;
use notifyctl::stage::receivers::http::hook_path;
use proto_events::Service;
use reqwest::StatusCode;
use serde_json::Value;
use system_tests::look::{about_cranes, shown};
use system_tests::play::{Play, play, until};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// What all of them tell together.
async fn all_metrics(play: &Play) -> String {
    let mut all = String::new();
    for service in Service::ALL {
        all += &shown(play, service, "metrics").await;
    }
    all
}

/// What a scheduler tells, which reads no queue and so is none of the fleet.
async fn of_the_scheduler(play: &Play) -> String {
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.pop();
    let mut scheduler = tokio::process::Command::new(program.join("scheduler"))
        .envs(play.world.environment())
        .envs([("DD_HTTP_LISTEN", "127.0.0.1:0"), ("DD_LOG_FORMAT", "json")])
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = BufReader::new(scheduler.stderr.take().unwrap()).lines();
    let address = loop {
        let line = log
            .next_line()
            .await
            .unwrap()
            .expect("it ended before it had started");
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["message"] == "started" {
            break line["address"].as_str().unwrap().to_owned();
        }
    };
    // Its own families come once it works, a moment after its port.
    until("the scheduler's metrics", async || {
        let metrics = reqwest::get(format!("http://{address}/metrics")).await;
        let metrics = metrics.ok()?.text().await.ok()?;
        metrics
            .contains("dojo_notify_scheduler_active")
            .then_some(metrics)
    })
    .await
}

/// The selectors (`name` or `name{…}`) of our metrics in a text of rules or panels.
fn selectors(text: &str) -> BTreeSet<(String, String)> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("dojo_notify_") {
        let rest = &text[at..];
        let end = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let labels = after.strip_prefix('{').and_then(|it| it.split('}').next());
        found.insert((name.to_owned(), labels.unwrap_or_default().to_owned()));
    }
    found
}

/// Whether somebody tells the metric, with each label that a selector asks for by its value.
fn is_told(metrics: &str, name: &str, labels: &str) -> bool {
    let wanted: Vec<&str> = labels
        .split(", ")
        .filter(|label| !label.is_empty() && !label.contains('~'))
        .collect();
    metrics.lines().any(|line| {
        let told = line.split(['{', ' ']).next() == Some(name);
        told && wanted.iter().all(|label| line.contains(label))
    })
}

#[tokio::test]
async fn every_metric_that_a_rule_or_a_panel_names_is_told_from_the_start() {
    play(async |play: Play| {
        let metrics = [all_metrics(&play).await, of_the_scheduler(&play).await].concat();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let folder = folder.join("k8s/components/monitoring");
        let mut asked = BTreeSet::new();
        for file in ["alerts.yaml", "dashboard.json"] {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            asked.extend(selectors(&text.replace("\\\"", "\"")));
        }
        assert!(asked.len() > 15, "{asked:?}");
        for (name, labels) in asked {
            assert!(is_told(&metrics, &name, &labels), "{name}{{{labels}}}");
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn prometheus_finds_no_fault_with_the_metrics_of_any_service() {
    play(async |play: Play| {
        for service in Service::ALL {
            let metrics = shown(&play, service, "metrics").await;
            let mut promtool = Command::new("promtool")
                .args(["check", "metrics"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("promtool is in Debian's package prometheus; ./dev test installs it");
            let mut input = promtool.stdin.take().unwrap();
            input.write_all(metrics.as_bytes()).unwrap();
            drop(input);
            let said = promtool.wait_with_output().unwrap();
            assert!(
                said.status.success(),
                "{service}: {}",
                String::from_utf8_lossy(&said.stderr)
            );
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn the_router_tells_what_waits_who_reads_and_what_was_given_up() {
    play(async |play: Play| {
        play.receivers.script(
            &hook_path("system"),
            [Answer::status(StatusCode::SERVICE_UNAVAILABLE)],
        );
        play.receivers
            .script(&hook_path("mei"), [Answer::status(StatusCode::GONE)]);
        play.publish("test_added", about_cranes()).await;
        until("the figures", async || {
            let metrics = shown(&play, Service::EventRouter, "metrics").await;
            let told = [
                "dojo_notify_queue_consumers{service=\"slack-sender\"} 1",
                "dojo_notify_queue_messages{queue=\"work\",service=\"slack-sender\"} 0",
                "dojo_notify_parked_jobs{service=\"webhook-sender\"} 1",
                "dojo_notify_dead_letters_waiting{service=\"webhook-sender\"} 1",
                "dojo_notify_webhook_endpoints{state=\"inactive_tmp\"} 1",
                "dojo_notify_webhook_endpoints{state=\"inactive_permanent\"} 1",
            ];
            let lines: BTreeSet<&str> = metrics.lines().collect();
            told.iter().all(|line| lines.contains(line)).then_some(())
        })
        .await;
        play.end().await;
    })
    .await;
}
