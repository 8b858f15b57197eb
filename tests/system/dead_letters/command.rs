//! The command itself, on letters that nobody's service has filed.

mod listing;
mod sending;
mod terminal;

use notifyctl::stage::{Servers, World};
use proto_events::{Reason, Service};
use store::DeadLetter;

use super::dead_job;

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
