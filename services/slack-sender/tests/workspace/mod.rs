//! A Slack with people, channels and threads; replicas of a sender on one database.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "shared by several tests, in which a panic is the way to fail"
)]

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use delivery::{Channel as _, Task};
use proto_events::directory::{Settings, User};
use proto_events::{Outcome, Service};
use secrecy::SecretString;
use serde_json::{Value, json};
use slack_sender::Config;
use slack_sender::channel::SlackChannel;
use store::{DeliverySettings, Place, Scratch};

/// Where the person of [`Team::person`] is in the directory.
pub(crate) const ALICE: i64 = 1;
pub(crate) const EMAIL: &str = "alice@slack.example";

/// What Slack knows.
#[derive(Default)]
pub(crate) struct Known {
    /// Ids by address.
    pub(crate) people: HashMap<String, String>,
    /// Messages that threads cannot go on below.
    pub(crate) deleted: HashSet<String>,
    /// The word for that.
    pub(crate) thread_error: &'static str,
    /// Addresses that were asked for.
    pub(crate) lookups: Vec<String>,
    /// What arrived.
    pub(crate) posts: Vec<Post>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) channel: String,
    pub(crate) ts: String,
    pub(crate) thread: Option<String>,
}

type Shared = Arc<Mutex<Known>>;

/// Slack, and a database that all replicas share.
pub(crate) struct Team {
    pub(crate) slack: Shared,
    pub(crate) scratch: Scratch,
    url: String,
}

impl Team {
    pub(crate) async fn new() -> Self {
        chassis::start::install_tls_provider();
        let slack: Shared = Arc::default();
        slack.lock().unwrap().thread_error = "thread_not_found";
        let router = Router::new()
            .route("/chat.postMessage", post(posted))
            .route("/users.lookupByEmail", post(looked_up))
            .with_state(Arc::clone(&slack));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let scratch = Scratch::create().await.unwrap();
        let alice = User {
            id: ALICE,
            username: "alice".to_owned(),
            slack_email: Some(EMAIL.to_owned()),
            active: true,
            ..User::default()
        };
        scratch.store().put_users(&[alice]).await.unwrap();
        Self {
            slack,
            scratch,
            url,
        }
    }

    /// A replica of the sender.
    pub(crate) fn replica(&self, words: &[&str]) -> SlackChannel {
        let words = ["slack-sender", "--slack-api-url", &self.url]
            .into_iter()
            .chain(words.iter().copied());
        let config: Config = chassis::config::parse_from(words).unwrap();
        SlackChannel::new(&config, self.scratch.store()).unwrap()
    }

    /// What the store says of the person, as an attempt is told.
    pub(crate) async fn person(&self) -> Place {
        let ids: Vec<i64> = (1..=4).collect();
        let store = self.scratch.store();
        let around = store
            .surroundings(Service::SlackSender, &ids)
            .await
            .unwrap();
        let mut people = around
            .places
            .into_values()
            .filter(|place| matches!(place, Place::SlackUser { .. }));
        people.next().unwrap()
    }

    pub(crate) fn posts(&self) -> Vec<Post> {
        self.slack.lock().unwrap().posts.clone()
    }

    pub(crate) fn lookups(&self) -> usize {
        self.slack.lock().unwrap().lookups.len()
    }
}

async fn looked_up(State(slack): State<Shared>, form: String) -> Json<Value> {
    let mut slack = slack.lock().unwrap();
    let email = form.strip_prefix("email=").unwrap().replace("%40", "@");
    slack.lookups.push(email.clone());
    Json(match slack.people.get(&email) {
        Some(id) => json!({"ok": true, "user": {"id": id}}),
        None => json!({"ok": false, "error": "users_not_found"}),
    })
}

async fn posted(State(slack): State<Shared>, Json(body): Json<Value>) -> Json<Value> {
    let mut slack = slack.lock().unwrap();
    let channel = body["channel"].as_str().unwrap().to_owned();
    let thread = body["thread_ts"].as_str().map(str::to_owned);
    if channel.starts_with('U') && !slack.people.values().any(|id| *id == channel) {
        return Json(json!({"ok": false, "error": "channel_not_found"}));
    }
    if thread
        .as_ref()
        .is_some_and(|thread| slack.deleted.contains(thread))
    {
        return Json(json!({"ok": false, "error": slack.thread_error}));
    }
    let ts = format!("{}.0", slack.posts.len() + 1);
    slack.posts.push(Post {
        channel,
        ts: ts.clone(),
        thread,
    });
    Json(json!({"ok": true, "ts": ts}))
}

/// A message to this place, about this engagement.
pub(crate) fn task(place: Place, engagement: i64) -> Task {
    let person =
        matches!(place, Place::SlackUser { .. }).then(|| json!({"id": ALICE, "username": "alice"}));
    let data = json!({
        "title": "T", "engagement": {"id": engagement, "name": "Q4"},
    });
    let mut task = conformance::task("other", "slack", &json!(person), &data, place);
    task.settings = Arc::new(DeliverySettings {
        settings: Settings::default(),
        slack_token: Ok(Some(SecretString::from("xoxb-1"))),
    });
    task
}

/// One attempt.
pub(crate) async fn deliver(replica: &SlackChannel, task: Task) -> Outcome {
    match replica.prepare(task) {
        Ok(message) => replica.deliver(&message).await,
        Err(outcome) => outcome,
    }
}
