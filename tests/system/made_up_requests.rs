//! Requests made up from the API's own document, right ones and wrong ones.

use std::env;
use std::path::Path;

use proto_events::Service;
use system_tests::api::Api;
use system_tests::play::{Opening, play_with};
use tokio::process::Command;

/// How many requests are made up for each operation.
const EXAMPLES: &str = "10";

/// How long is enough (seconds), should the machine be slow.
const ENOUGH: &str = "60";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_api_is_asked_it_never_answers_that_the_fault_is_its_own() {
    let opening = Opening {
        services: vec![Service::EventRouter, Service::AlertWriter],
        ..Opening::default()
    };
    play_with(opening, async |play| {
        let api = Api::serve(&play, &[]).await;
        let token = api.token(&play, "admin").await;
        let python = env::var("DOJO_PYTHON")
            .expect("DOJO_PYTHON names the environment's python; ./dev test makes it");
        let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../services/api/openapi.json");
        let folder = tempfile::tempdir().unwrap();
        let asked = Command::new(Path::new(&python).with_file_name("schemathesis"))
            .arg("run")
            .arg(document)
            .args(["--url", &api.url()])
            .args(["--header", &format!("Authorization:Token {token}")])
            .args(["--checks", "not_a_server_error"])
            .args(["--max-examples", EXAMPLES, "--max-time", ENOUGH])
            .arg("--generation-deterministic")
            .args(["--warnings=off", "--no-color"])
            .current_dir(folder.path())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&asked.stdout);
        let complaints = String::from_utf8_lossy(&asked.stderr);
        assert!(asked.status.success(), "{told}{complaints}");
        println!("{told}");
        api.stop().await;
        play.end().await;
    })
    .await;
}
