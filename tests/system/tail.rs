//! `notifyctl events tail`: reading along takes nothing from anybody.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};
use system_tests::look::alerted;
use system_tests::play::{Play, play};

use crate::operator::notifyctl;

#[tokio::test]
async fn who_reads_along_sees_the_events_of_a_name_and_the_router_gets_them_all_the_same() {
    play(async |play: Play| {
        let mut child = notifyctl(&["events", "tail", "scan_added", "--count", "1"])
            .envs(play.world.environment())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = tokio::task::spawn_blocking(move || (lines.next().unwrap().unwrap(), lines));
        let (first, mut lines) = ready.await.unwrap();
        assert!(first.starts_with("Reading along"), "{first}");
        let data: Value = json!({"title": "Nightly", "no_users": true});
        play.publish("product_added", data.clone()).await;
        let event = play.publish("scan_added", data).await;
        let line = tokio::task::spawn_blocking(move || lines.next().unwrap().unwrap());
        let line = line.await.unwrap();
        assert!(line.contains(&event) && line.contains("Nightly"), "{line}");
        assert!(child.wait().unwrap().success());
        alerted(&play, &event, &[None]).await;
        play.end().await;
    })
    .await;
}
