//! The operator's templates: used from the start on, and again when they change.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use chassis::Runtime;
use clap::Parser;
use delivery::{Composer, DeliveryConfig, Task};
use messages::Sensitivity;
use serde_json::{Value, json};
use store::{Place, Store};
use tempfile::TempDir;

#[derive(Parser)]
struct Config {
    #[command(flatten)]
    delivery: DeliveryConfig,
}

fn config(words: &[&str]) -> anyhow::Result<DeliveryConfig> {
    let words = ["test"].into_iter().chain(words.iter().copied());
    Ok(chassis::config::parse_from::<Config>(words)?.delivery)
}

fn composer(folder: &Path) -> anyhow::Result<Composer> {
    Composer::new(&config(&["--template-dir", folder.to_str().unwrap()])?)
}

/// A store whose database is away: files are followed all the same.
fn no_database() -> Store {
    let url = "--database-url=postgres://nobody@127.0.0.1:1/nowhere";
    Store::new(&config(&[url]).unwrap().store, "test").unwrap()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, source) in files {
        write(folder.path(), file, source);
    }
    folder
}

fn write(folder: &Path, file: &str, source: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, source).unwrap();
}

fn task(channel: &str, name: &str) -> Task {
    let data = json!({"title": "A title", "product": {"id": 1, "name": "Cranes"}});
    conformance::task(name, channel, &Value::Null, &data, Place::Gone)
}

fn said(composer: &Composer, channel: &str, name: &str) -> String {
    match composer.message(&task(channel, name)) {
        Ok(message) => message.text,
        Err(outcome) => panic!("{outcome:?}"),
    }
}

/// Waits until a channel says something, as long as a busy machine may need.
async fn says(composer: &Composer, channel: &str, name: &str, expected: &str) {
    let patience = Instant::now() + Duration::from_secs(60);
    while said(composer, channel, name) != expected {
        let now = said(composer, channel, name);
        assert!(Instant::now() < patience, "{now:?}, not {expected:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn files_take_the_place_of_built_in_templates_for_every_channel_or_one() {
    let folder = folder(&[
        ("product_added.txt", "New: {{ product }}"),
        ("slack/product_added.txt", "Ahoy {{ product }}"),
        ("hafen_deploy_finished.txt", "Deployed {{ title }}"),
        ("mail.html", "<p>{{ title }}</p>"),
        (".hidden", "{% if %}"),
        ("product_added.txt~", "{% if %}"),
    ]);
    let composer = composer(folder.path()).unwrap();
    assert_eq!(said(&composer, "mail", "product_added"), "New: Cranes");
    assert_eq!(said(&composer, "slack", "product_added"), "Ahoy Cranes");
    assert_eq!(
        said(&composer, "mail", "hafen_deploy_finished"),
        "Deployed A title"
    );
    let Ok(message) = composer.message(&task("mail", "product_added")) else {
        panic!("no message");
    };
    assert_eq!(composer.mail(&message).unwrap().html, "<p>A title</p>");
}

#[test]
fn a_broken_file_ends_the_start_in_one_line_that_names_file_and_line() {
    for (file, source, told) in [
        (
            "slack/other.txt",
            "a\n{% if %}",
            "slack/other.txt is broken at line 2",
        ),
        (
            "other.txt",
            "\n\n{{ prodct }}",
            "other.txt is broken at line 3",
        ),
        ("style.css", "", "style.css is broken: its name"),
    ] {
        let folder = folder(&[(file, source)]);
        let error = format!("{:#}", composer(folder.path()).err().unwrap());
        assert!(
            error.contains(told) && error.contains("DD_TEMPLATE_DIR") && !error.contains('\n'),
            "{error}"
        );
    }
    let error = composer(Path::new("/nowhere")).err().unwrap();
    assert!(format!("{error:#}").contains("DD_TEMPLATE_DIR names /nowhere"));
}

#[tokio::test]
async fn changed_files_are_in_force_without_a_restart_and_broken_ones_keep_the_last_good() {
    let folder = folder(&[("other.txt", "first"), ("slack/other.txt", "slack")]);
    let path = folder.path();
    let composer = composer(path).unwrap();
    let runtime = Runtime::new("test").unwrap();
    composer
        .follow_templates(&no_database(), &runtime)
        .await
        .unwrap();
    assert_eq!(said(&composer, "mail", "other"), "first");

    write(path, "other.txt", "second");
    says(&composer, "mail", "other", "second").await;

    // One file breaks while another changes: the one stays, the other is in force.
    write(path, "other.txt", "{% if %}");
    write(path, "slack/other.txt", "slack anew");
    says(&composer, "slack", "other", "slack anew").await;
    assert_eq!(said(&composer, "mail", "other"), "second");
    let metrics = runtime.metrics.render().unwrap();
    for line in [
        "dojo_notify_template_files{state=\"broken\"} 1",
        "dojo_notify_template_files{state=\"used\"} 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }

    write(path, "other.txt", "third");
    says(&composer, "mail", "other", "third").await;
    fs::remove_file(path.join("other.txt")).unwrap();
    let built_in = "DefectDojo sent “A title”, of the kind “Other”, about the product “Cranes”, and no further text.";
    says(&composer, "mail", "other", built_in).await;
}

#[test]
fn where_a_template_fails_with_an_event_the_built_in_one_stands_in() {
    // The title of the event that is told has 7 characters, that of the one templates are tried with 5.
    let folder = folder(&[("product_added.txt", "{{ 1 // (title|length - 7) }}")]);
    let Ok(composer) = composer(folder.path()) else {
        panic!("it renders with the event that templates are tried with");
    };
    assert!(said(&composer, "mail", "product_added").contains("Cranes"));
}

/// A ConfigMap is a folder of links into a hidden one, which is exchanged as a whole.
#[tokio::test]
async fn a_config_map_that_changes_is_followed() {
    let mount = tempfile::tempdir().unwrap();
    let path = mount.path();
    for (version, source) in [("..1", "old"), ("..2", "new")] {
        write(path, &format!("{version}/other.txt"), source);
    }
    symlink("..1", path.join("..data")).unwrap();
    symlink("..data/other.txt", path.join("other.txt")).unwrap();
    let composer = composer(path).unwrap();
    composer
        .follow_templates(&no_database(), &Runtime::new("test").unwrap())
        .await
        .unwrap();
    assert_eq!(said(&composer, "mail", "other"), "old");
    symlink("..2", path.join("..data_tmp")).unwrap();
    fs::rename(path.join("..data_tmp"), path.join("..data")).unwrap();
    says(&composer, "mail", "other", "new").await;
}

#[test]
fn a_channel_that_is_not_to_tell_details_tells_none() {
    let composer = Composer::new(&config(&["--sensitivity", "link_only"]).unwrap()).unwrap();
    let Ok(message) = composer.message(&task("slack", "finding_added")) else {
        panic!("no message");
    };
    assert_eq!(message.title, "Finding Added: Cranes");
    assert_eq!(
        config(&[]).unwrap().sensitivity,
        Sensitivity::Full,
        "unless it is asked for"
    );
    let error = config(&["--sensitivity", "links"]).unwrap_err().to_string();
    assert!(
        error.starts_with("DD_SENSITIVITY is not usable: \"links\": allowed are full, link_only"),
        "{error}"
    );
}
