//! What the receivers got, in the order in which it came.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use proto_events::{Channel, JobId};
use serde_json::Value;
use tokio::sync::watch;

/// One message that came to a receiver.
#[derive(Clone, Debug)]
pub struct Received {
    /// The channel it came through.
    pub channel: Channel,
    /// A mail address, a Slack channel or user id, the name of a Teams workflow or webhook endpoint.
    pub to: String,
    /// The job it belongs to: `Idempotency-Key`, or the left part of a mail's `Message-ID`.
    pub job: Option<JobId>,
    /// The mail as it came, or the request's body.
    pub body: String,
    /// How it came.
    pub via: Via,
    /// Whether it was taken; false where a scripted answer was given instead.
    pub accepted: bool,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// How a message came.
#[derive(Clone, Debug)]
pub enum Via {
    /// In an HTTP request.
    Http {
        /// The path it went to.
        path: String,
        /// Its headers, names in lower case.
        headers: BTreeMap<String, String>,
    },
    /// By SMTP.
    Smtp {
        /// The envelope's sender.
        from: String,
        /// Whether the connection was encrypted.
        tls: bool,
        /// The user who logged in.
        login: Option<String>,
    },
}

impl Received {
    /// The body of a request as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

/// Everything that came. Clones share it.
#[derive(Clone)]
pub struct Record(watch::Sender<Vec<Arc<Received>>>);

impl Default for Record {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl Record {
    pub(super) fn add(&self, received: Received) {
        self.0.send_modify(|all| all.push(Arc::new(received)));
    }

    /// Everything so far.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Received>> {
        self.0.borrow().clone()
    }

    /// Waits until what came satisfies `enough`, and gives everything that came. `what`
    /// is what is waited for, in the error's words.
    ///
    /// # Errors
    /// If it does not come in time.
    pub async fn wait_for(
        &self,
        what: &str,
        within: Duration,
        mut enough: impl FnMut(&[Arc<Received>]) -> bool,
    ) -> anyhow::Result<Vec<Arc<Received>>> {
        let mut watching = self.0.subscribe();
        let waiting = watching.wait_for(|all| enough(all));
        match tokio::time::timeout(within, waiting).await {
            Ok(all) => Ok(all.context("the receivers are gone")?.clone()),
            Err(_) => anyhow::bail!(
                "{what} did not come within {} s; {} messages came",
                within.as_secs(),
                self.0.borrow().len()
            ),
        }
    }
}
