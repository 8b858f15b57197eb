//! On a terminal, where somebody can be asked.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use notifyctl::stage::World;
use proto_events::outcome::State;
use proto_events::{Channel, JobId, Service};
use store::{Attempt, Finished, Settlement};

use super::{file, file_ten, unreadable, world};
use crate::dead_letters::{dead_job, waiting};
use crate::operator::{notifyctl, words};

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
    let finished = Finished::of(&attempt, State::Delivered);
    world.store().claim(&[attempt]).await.unwrap();
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
