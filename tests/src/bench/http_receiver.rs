//! An HTTP server that takes notifications, for measurements.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use futures_util::{StreamExt as _, stream};
use tokio::net::TcpListener;

use super::arrivals::Inbox;

/// The header that names a job (Standard Webhooks).
pub const ID: &str = "webhook-id";

/// A server, until it is dropped.
pub struct HttpReceiver {
    /// What came where it answers.
    pub inbox: Arc<Inbox>,
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl HttpReceiver {
    /// Starts one.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("cannot listen")?;
        let address = listener.local_addr()?;
        let inbox: Arc<Inbox> = Arc::default();
        let app = Router::new()
            .route("/after/{ms}/{*rest}", post(after))
            .route("/hang", post(hang))
            .route("/trickle", post(trickle))
            .with_state(Arc::clone(&inbox));
        let task = tokio::spawn(async move {
            if let Err(problem) = axum::serve(listener, app).await {
                eprintln!("bench: the receiver ended: {problem}");
            }
        });
        Ok(Self {
            inbox,
            address,
            task,
        })
    }

    /// The address of a place that answers after so many milliseconds.
    #[must_use]
    pub fn after(&self, milliseconds: u64, name: &str) -> String {
        format!("http://{}/after/{milliseconds}/{name}", self.address)
    }

    /// The address of a place that never answers.
    #[must_use]
    pub fn hanging(&self) -> String {
        format!("http://{}/hang", self.address)
    }

    /// The address of a place that answers with a byte a second, for ever.
    #[must_use]
    pub fn trickling(&self) -> String {
        format!("http://{}/trickle", self.address)
    }
}

impl Drop for HttpReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn after(
    State(inbox): State<Arc<Inbox>>,
    Path((milliseconds, _)): Path<(u64, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let at = Instant::now();
    if milliseconds > 0 {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    let job = headers.get(ID).and_then(|id| id.to_str().ok());
    inbox.take(at, job, body.into());
    // What Slack expects to hear; the others look at the status alone.
    (StatusCode::OK, r#"{"ok":true,"ts":"1.1"}"#)
}

async fn hang() -> StatusCode {
    std::future::pending().await
}

async fn trickle() -> Response<Body> {
    let bytes = stream::repeat(()).then(|()| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        std::io::Result::Ok(Bytes::from_static(b" "))
    });
    Response::new(Body::from_stream(bytes))
}
