//! The command itself, on letters that nobody's service has filed.

use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use notifyctl::stage::{Servers, World};
use proto_events::outcome::State;
use proto_events::{Channel, JobId, Reason, Service};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use store::{Attempt, DeadLetter, Finished, Kind, Settlement};
use system_tests::play::until;

use super::{dead_job, dead_letters, letters, refused, said, waiting};
use crate::operator::{notifyctl, words};

/// A world in which no service runs.
async fn world() -> World {
    chassis::start::install_tls_provider();
    let servers = Servers::from_environment().unwrap();
    World::create("test", &servers, "1,2".parse().unwrap())
        .await
        .unwrap()
}

fn unreadable(body: &[u8]) -> DeadLetter {
    DeadLetter {
        service: Service::EventRouter,
        job: None,
        event: None,
        destination: None,
        body: body.to_vec(),
        headers: serde_json::json!({"attempt": 1, "headers": {}}),
        reason: Reason::Unreadable,
        detail: "the body is \u{1b}[31mnot JSON".to_owned(),
    }
}

async fn file(world: &World, letters: &[DeadLetter]) {
    world.store().file_dead_letters(letters).await.unwrap();
}

/// Ten letters of one kind.
async fn file_ten(world: &World) {
    let ten: Vec<DeadLetter> = (0..10).map(|n| dead_job(&n.to_string())).collect();
    file(world, &ten).await;
}

/// The objects that a list prints.
async fn listed(world: &World, filters: &[&str]) -> Vec<Value> {
    let arguments = [&["list", "--json"], filters].concat();
    let output = dead_letters(world, &arguments).output().await.unwrap();
    assert!(output.status.success(), "{}", words(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn a_list_shows_what_agrees_with_its_filters_to_people_and_to_programs() {
    let world = world().await;
    file(&world, &[dead_job("e1")]).await;
    file(&world, &[dead_job("e2")]).await;
    let since = chrono::Utc::now().to_rfc3339();
    file(&world, &[unreadable(b"hello")]).await;
    let job = letters(world.store(), Kind::Any).await[0]
        .job
        .unwrap()
        .to_string();
    for (filters, count) in [
        (vec![], 3),
        (vec!["--service", "webhook-sender"], 2),
        (vec!["--reason", "unreadable"], 1),
        (vec!["--event", "e1"], 1),
        (vec!["--job", &job], 1),
        (vec!["--since", "1h"], 3),
        (vec!["--until", "1h"], 0),
        (vec!["--since", &since], 1),
        (vec!["--until", &since, "--event", "e2"], 1),
        (vec!["--limit", "2"], 2),
        (vec!["--resolved"], 0),
        (vec!["--all"], 3),
    ] {
        assert_eq!(listed(&world, &filters).await.len(), count, "{filters:?}");
    }
    let newest = &listed(&world, &[]).await[0];
    assert_eq!(newest["reason"], "unreadable");
    assert_eq!(
        (&newest["body_bytes"], &newest["arrived"]),
        (&5.into(), &false.into())
    );
    assert!(newest.get("body").is_none());
    let id = newest["id"].as_str().unwrap();
    let table = said(&world, &["list", "--limit", "1"]).await;
    assert!(
        table.contains(&id[..8]) && table.contains("1 of 3 letters shown"),
        "{table}"
    );
    assert!(!table.contains('\u{1b}'), "{table}");
    let summary = said(&world, &["list", "--summary"]).await;
    for line in ["event-router", "unreadable", "endpoint_gone", "3 letters."] {
        assert!(summary.contains(line), "no {line} in {summary}");
    }
    world.close().await.unwrap();
}

#[tokio::test]
async fn a_letter_is_shown_by_the_beginning_of_its_id_with_its_body_byte_for_byte() {
    let world = world().await;
    let body = b"{\"a\":\xff\x00\n";
    file(&world, &[unreadable(body)]).await;
    let id = letters(world.store(), Kind::Any).await[0].id.to_string();
    let shown = said(&world, &["show", &id[..10]]).await;
    for words in [
        id.as_str(),
        "event-router",
        "not UTF-8",
        r#"{\"a\":\xff\x00\n"#,
        "\"attempt\": 1",
    ] {
        assert!(shown.contains(words), "no {words} in {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "{shown}");
    let output = dead_letters(&world, &["show", &id, "--body"])
        .output()
        .await
        .unwrap();
    assert_eq!(output.stdout, body);
    file_ten(&world).await;
    let ids: Vec<String> = letters(world.store(), Kind::Any)
        .await
        .iter()
        .map(|letter| letter.id.to_string())
        .collect();
    let mut by_digit: HashMap<&str, Vec<&str>> = HashMap::new();
    for id in &ids {
        by_digit.entry(&id[..1]).or_default().push(id);
    }
    for (digit, ids) in by_digit {
        match ids.as_slice() {
            [id] => assert!(said(&world, &["show", digit]).await.contains(id)),
            several => {
                let told = refused(&world, &["show", digit], 1).await;
                assert!(several.iter().all(|id| told.contains(id)), "{told}");
            }
        }
    }
    world.close().await.unwrap();
}

#[tokio::test]
async fn letters_go_out_in_their_order_and_no_faster_than_asked_for() {
    let world = world().await;
    for n in 0..10 {
        file(&world, &[dead_job(&n.to_string())]).await;
    }
    let started = Instant::now();
    let told = said(&world, &["replay", "--all", "--rate", "10"]).await;
    assert!(
        started.elapsed() >= Duration::from_millis(900),
        "nine gaps of 0.1 s"
    );
    assert!(told.contains("10 letters sent again."), "{told}");
    assert_eq!(world.messages_in_queues().await.unwrap(), 10);
    let resolved: Vec<_> = letters(world.store(), Kind::Resolved)
        .await
        .iter()
        .map(|letter| letter.resolved.unwrap().0)
        .collect();
    assert!(resolved.is_sorted(), "oldest first");
    assert_eq!(resolved.len(), 10);
    world.close().await.unwrap();
}

#[tokio::test]
async fn an_interrupt_stops_between_two_letters_and_says_how_far_it_came() {
    let world = world().await;
    file_ten(&world).await;
    let child = dead_letters(&world, &["replay", "--all", "--rate", "1"])
        .spawn()
        .unwrap();
    until("the first letter", async || {
        (letters(world.store(), Kind::Waiting).await.len() < 10).then_some(())
    })
    .await;
    let id = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().await.unwrap();
    let told = words(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let sent = letters(world.store(), Kind::Resolved).await.len();
    assert!((1..10).contains(&sent), "{sent}");
    assert_eq!(world.messages_in_queues().await.unwrap(), sent as u64);
    assert!(
        told.contains("sent again.") && told.contains("stopped by a signal"),
        "{told}"
    );
    assert!(told.starts_with(&sent.to_string()), "{told}");
    world.close().await.unwrap();
}

#[tokio::test]
async fn a_letter_that_nobody_takes_keeps_waiting_and_the_error_says_what_to_do() {
    let world = world().await;
    let router = world.names().queue(Service::EventRouter);
    let url = world.broker().broker_url.expose_secret().to_owned();
    let connection = Connection::connect(&url, ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    let deleted = channel.queue_delete(router.as_str().into(), QueueDeleteOptions::default());
    deleted.await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
    file(&world, &[unreadable(b"hello"), dead_job("e1")]).await;
    let told = refused(&world, &["replay", "--all"], 1).await;
    let exchange = world.names().events();
    let words =
        format!("exchange {exchange} has no queue for key unknown; run notifyctl topology apply");
    assert!(told.contains(&words), "{told}");
    assert!(told.contains("1 letter sent again; 1 failed"), "{told}");
    assert_eq!(
        waiting(world.store(), 1).await[0].service,
        Service::EventRouter
    );
    world.close().await.unwrap();
}

#[tokio::test]
async fn nothing_is_sent_or_discarded_by_accident() {
    let world = world().await;
    file_ten(&world).await;
    for arguments in [
        vec!["replay"],
        vec!["discard", "--yes"],
        vec!["replay", "1a2b", "--all"],
        vec!["replay", "--all", "--service", "webhook-sender"],
        vec!["replay", "--all", "--rate", "0"],
        vec!["replay", "no-id"],
        vec!["list", "--since", "yesterday"],
    ] {
        refused(&world, &arguments, 2).await;
    }
    let told = refused(&world, &["list", "--reason", "bad-luck"], 2).await;
    assert!(told.contains("allowed are timeout, "), "{told}");
    let told = refused(&world, &["replay", "00000000"], 1).await;
    assert!(
        told.contains("no letter's id begins with 00000000"),
        "{told}"
    );
    waiting(world.store(), 10).await;
    assert_eq!(world.messages_in_queues().await.unwrap(), 0);
    world.close().await.unwrap();
}

#[tokio::test]
async fn on_a_terminal_somebody_is_asked_and_everything_but_yes_means_no() {
    let world = world().await;
    file_ten(&world).await;
    for (answer, told) in [
        ("\n", "Nothing was sent."),
        ("n\n", "Nothing was sent."),
        ("y\n", "10 letters sent again."),
    ] {
        let said = on_a_terminal(&world, "replay --all --rate 1000", answer).await;
        assert!(
            said.contains("Send 10 letters again? [y/N]") && said.contains(told),
            "{said}"
        );
    }
    waiting(world.store(), 0).await;
    file(&world, &[unreadable(b"hello")]).await;
    let said = on_a_terminal(&world, "discard --all", "yes\n").await;
    assert!(
        said.contains("Discard 1 letter?") && said.contains("1 letter discarded"),
        "{said}"
    );
    world.close().await.unwrap();
}

#[tokio::test]
async fn on_a_terminal_what_has_arrived_meanwhile_is_named_and_left_alone_unless_somebody_agrees() {
    let world = world().await;
    let letter = dead_job("e1");
    let job = letter.job.unwrap();
    file(&world, &[letter]).await;
    arrived(&world, job).await;
    let question = "1 of these have arrived meanwhile; send them again under a new id? [y/N]";
    let said = on_a_terminal(&world, "replay --all", "y\nn\n").await;
    assert!(
        said.contains(question) && said.contains(&job.to_string()),
        "{said}"
    );
    assert!(said.contains("0 letters sent again; 1 skipped"), "{said}");
    waiting(world.store(), 1).await;
    let said = on_a_terminal(&world, "replay --all --yes", "y\n").await;
    assert!(
        !said.contains(question) && said.contains("1 failed"),
        "{said}"
    );
    let said = on_a_terminal(&world, "replay --all", "y\ny\n").await;
    assert!(said.contains("1 letter sent again."), "{said}");
    assert_eq!(world.messages_in_queues().await.unwrap(), 1);
    world.close().await.unwrap();
}

/// Writes into the ledger that a job has arrived.
async fn arrived(world: &World, job: JobId) {
    let attempt = Attempt {
        job,
        attempt: 1,
        service: Service::WebhookSender,
        event_source: "test".to_owned(),
        event_id: "e1".to_owned(),
        event_name: "test_added".to_owned(),
        channel: Channel::Webhooks,
        recipient: None,
        destination: Some(1),
        lease: Duration::from_secs(60),
    };
    world.store().claim(&[attempt]).await.unwrap();
    let finished = Finished {
        job,
        attempt: 1,
        state: State::Delivered,
        reason: None,
        detail: None,
        provider_id: None,
        status: Some(200),
    };
    let settlement = Settlement {
        finished: vec![finished],
        ..Settlement::default()
    };
    world.store().settle(&settlement).await.unwrap();
}

/// Runs a command on a terminal of its own, whose person types this.
async fn on_a_terminal(world: &World, command: &str, typed: &str) -> String {
    let program = notifyctl(&[]).get_program().to_str().unwrap().to_owned();
    let mut script = Command::new("script")
        .args([
            "--quiet",
            "--return",
            "--command",
            &format!("{program} dead-letters {command}"),
            "/dev/null",
        ])
        .envs(world.environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = script.stdin.take().unwrap();
    keyboard.write_all(typed.as_bytes()).unwrap();
    let waiting = tokio::task::spawn_blocking(move || {
        let output = script.wait_with_output().unwrap();
        drop(keyboard);
        output
    });
    words(&waiting.await.unwrap())
}
