//! Slack, Teams and webhook endpoints.
//!
//! | path | stands for | answer |
//! |---|---|---|
//! | [`SLACK_LOOKUP`] | `users.lookupByEmail` | the id of [`slack_id`]; `users_not_found` for addresses that begin with `unknown` |
//! | [`SLACK_POST`] | `chat.postMessage` | `ok` |
//! | `/teams/<any>` | a Teams workflow | 202 |
//! | `/hooks/<name>` | a webhook endpoint | 200 |

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use chrono::Utc;
use delivery::http::IDEMPOTENCY_KEY;
use proto_events::Channel;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::record::{Received, Record, Via};

/// Path of Slack's `users.lookupByEmail`.
pub const SLACK_LOOKUP: &str = "/slack/users.lookupByEmail";

/// Path of Slack's `chat.postMessage`.
pub const SLACK_POST: &str = "/slack/chat.postMessage";

/// Path of the system's Teams workflow.
pub const TEAMS_WORKFLOW: &str = "/teams/workflow";

const TEAMS: &str = "/teams/";
const HOOKS: &str = "/hooks/";

/// Path of the webhook endpoint of that name.
#[must_use]
pub fn hook_path(name: &str) -> String {
    format!("{HOOKS}{name}")
}

/// The Slack id of whoever has this address, e.g. `UINGRID`; none if nobody has it.
#[must_use]
pub fn slack_id(email: &str) -> Option<String> {
    let (name, _) = email.split_once('@')?;
    let id: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    (!id.starts_with("UNKNOWN")).then(|| format!("U{id}"))
}

/// An answer to be given instead of the normal one.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: String,
    after: Duration,
}

impl Answer {
    /// An empty answer with this status.
    #[must_use]
    pub const fn status(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
            after: Duration::ZERO,
        }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    /// Given only after a while.
    #[must_use]
    pub const fn after(mut self, delay: Duration) -> Self {
        self.after = delay;
        self
    }

    async fn give(self) -> Response {
        tokio::time::sleep(self.after).await;
        let mut response = (self.status, self.body).into_response();
        response.headers_mut().extend(
            self.headers
                .into_iter()
                .map(|(name, value)| (Some(name), value)),
        );
        response
    }
}

/// Answers to be given, by path. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Script(Arc<Mutex<HashMap<String, VecDeque<Answer>>>>);

impl Script {
    pub(super) fn add(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        script.entry(path.to_owned()).or_default().extend(answers);
    }

    fn next(&self, path: &str) -> Option<Answer> {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        script.get_mut(path)?.pop_front()
    }
}

/// The HTTP server. It ends with this value.
pub(super) struct HttpReceiver {
    address: SocketAddr,
    pub(super) script: Script,
    serving: JoinHandle<()>,
}

impl HttpReceiver {
    pub(super) async fn start(record: Record) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("no port is free for the HTTP receiver")?;
        let address = listener.local_addr()?;
        let script = Script::default();
        let router = Router::new()
            .fallback(receive)
            // A webhook's body is as long as the event that it tells of.
            .layer(DefaultBodyLimit::disable())
            .with_state((record, script.clone()));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the HTTP receiver has ended");
            }
        });
        Ok(Self {
            address,
            script,
            serving,
        })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for HttpReceiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(
    State((record, script)): State<(Record, Script)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path();
    let body = String::from_utf8_lossy(&body).into_owned();
    let scripted = script.next(path);
    let (message, normal) = normally(path, &headers, &body);
    if let Some((channel, to)) = message {
        record.add(Received {
            channel,
            to,
            job: text(&headers, IDEMPOTENCY_KEY).and_then(|key| key.parse().ok()),
            body,
            via: Via::Http {
                path: path.to_owned(),
                headers: readable(&headers),
            },
            accepted: scripted.is_none() && normal.status().is_success(),
            at: Utc::now(),
        });
    }
    match scripted {
        Some(answer) => answer.give().await,
        None => normal,
    }
}

/// Which message a request is, if it is one, and what it is answered.
fn normally(path: &str, headers: &HeaderMap, body: &str) -> (Option<(Channel, String)>, Response) {
    if path.starts_with("/slack/") && !headers.contains_key(header::AUTHORIZATION) {
        return (
            None,
            Json(json!({ "ok": false, "error": "not_authed" })).into_response(),
        );
    }
    if path == SLACK_LOOKUP {
        return (None, lookup(body).into_response());
    }
    if path == SLACK_POST {
        let (to, answer) = posted(body);
        return (Some((Channel::Slack, to)), answer.into_response());
    }
    if let Some(workflow) = path.strip_prefix(TEAMS) {
        let message = (Channel::Msteams, workflow.to_owned());
        return (Some(message), StatusCode::ACCEPTED.into_response());
    }
    if let Some(name) = path.strip_prefix(HOOKS) {
        let message = (Channel::Webhooks, name.to_owned());
        return (Some(message), StatusCode::OK.into_response());
    }
    (None, StatusCode::NOT_FOUND.into_response())
}

fn lookup(body: &str) -> Json<Value> {
    let email = url::form_urlencoded::parse(body.as_bytes())
        .find(|(name, _)| name == "email")
        .map(|(_, email)| email);
    Json(match email.and_then(|email| slack_id(&email)) {
        Some(id) => json!({ "ok": true, "user": { "id": id } }),
        None => json!({ "ok": false, "error": "users_not_found" }),
    })
}

fn posted(body: &str) -> (String, Json<Value>) {
    let message: Value = serde_json::from_str(body).unwrap_or_default();
    let to = message["channel"].as_str().unwrap_or_default().to_owned();
    let now = Utc::now();
    let ts = format!("{}.{:06}", now.timestamp(), now.timestamp_subsec_micros());
    let answer = json!({ "ok": true, "channel": to, "ts": ts });
    (to, Json(answer))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn readable(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect()
}
