//! Changes of the directory on their way into the database, through the real process.

mod bad_input;
mod disorder;
mod missing;

use chassis::broker::{Headers, Outgoing};
use proto_events::{Service, directory_change};
use serde_json::Value;
use sqlx::PgConnection;
use system_tests::play::{Opening, PATIENCE, Play, confirmed, play_with};

const FIXTURE: &str = include_str!("../fixtures/directory-changes.jsonl");

/// Plays a test with directory-sync and what makes its work visible.
async fn play_sync<F: Future<Output = ()>>(test: impl FnOnce(Play) -> F) {
    let services = vec![
        Service::DirectorySync,
        Service::EventRouter,
        Service::AlertWriter,
    ];
    let opening = Opening {
        services,
        ..Opening::default()
    };
    play_with(opening, test).await;
}

/// Publishes bodies in this order, and waits until the broker has them.
pub(crate) async fn publish(play: &Play, bodies: impl IntoIterator<Item = impl Into<Vec<u8>>>) {
    let message = |body: Vec<u8>| Outgoing {
        exchange: play.world.names().directory(),
        routing_key: "change".to_owned(),
        content_type: directory_change::CONTENT_TYPE,
        message_id: String::new(),
        headers: Headers::default(),
        body,
    };
    let messages: Vec<Outgoing> = bodies
        .into_iter()
        .map(|body| message(body.into()))
        .collect();
    confirmed(&play.publisher, &messages).await;
}

/// A change, as text.
pub(crate) fn change(kind: &str, action: &str, at: &str, object: &Value) -> String {
    serde_json::json!({"kind": kind, "action": action, "at": at, "object": object}).to_string()
}

/// The world's database, seen past the services.
struct Database(PgConnection);

impl Database {
    async fn of(play: &Play) -> Self {
        Self(play.database().await)
    }

    /// What a query gives, as text.
    async fn texts(&mut self, query: &'static str) -> Vec<String> {
        let rows = sqlx::query_scalar(query).fetch_all(&mut self.0);
        rows.await.unwrap()
    }

    /// Waits until a query gives these rows.
    async fn shows(&mut self, query: &'static str, expected: &[&str]) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let now = self.texts(query).await;
            if now == expected {
                return;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "{query}: {now:?} instead of {expected:?}"
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}
