//! `notifyctl events tail`: reading along takes nothing from anybody.

use std::process::Stdio;

use serde_json::{Value, json};
use system_tests::look::alerted;
use system_tests::play::{PATIENCE, Play, play};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{ChildStdout, Command};
use tokio::time::timeout;

use crate::operator::notifyctl;

/// The next line that it prints.
async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let line = timeout(PATIENCE, lines.next_line()).await;
    let line = line.expect("it prints a line").unwrap();
    line.expect("it does not end without one")
}

#[tokio::test]
async fn who_reads_along_sees_the_events_of_a_name_and_the_router_gets_them_all_the_same() {
    play(async |play: Play| {
        let arguments = ["events", "tail", "scan_added", "--count", "1"];
        let mut child = Command::from(notifyctl(&arguments))
            .envs(play.world.environment())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = next(&mut lines).await;
        assert!(first.starts_with("Reading along"), "{first}");
        let data: Value = json!({"title": "Nightly", "no_users": true});
        play.publish("product_added", data.clone()).await;
        let event = play.publish("scan_added", data).await;
        let line = next(&mut lines).await;
        assert!(line.contains(&event) && line.contains("Nightly"), "{line}");
        let ended = timeout(PATIENCE, child.wait()).await;
        assert!(ended.expect("it ends by itself").unwrap().success());
        alerted(&play, &event, &[None]).await;
        play.end().await;
    })
    .await;
}
