//! An HTTP server that takes notifications, for measurements: it counts, and remembers when what came.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
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
use tokio::sync::watch;

/// The header that names a job (Standard Webhooks).
const ID: &str = "webhook-id";

/// What came.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    /// How many requests.
    pub count: usize,
    /// When the first one came.
    pub first: Option<Instant>,
    /// The body of the last one.
    pub body: Bytes,
    /// When which job came first, by its id.
    pub times: HashMap<String, Instant>,
}

/// A server, until it is dropped.
pub struct HttpReceiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    arrivals: Mutex<Arrivals>,
    count: watch::Sender<usize>,
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
        let shared: Arc<Shared> = Arc::default();
        let app = Router::new()
            .route("/after/{ms}/{*rest}", post(after))
            .route("/hang", post(hang))
            .route("/trickle", post(trickle))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            if let Err(problem) = axum::serve(listener, app).await {
                eprintln!("bench: the receiver ended: {problem}");
            }
        });
        Ok(Self {
            address,
            shared,
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

    /// Forgets what came.
    pub fn forget(&self) {
        *self.shared.arrivals() = Arrivals::default();
        self.shared.count.send_replace(0);
    }

    /// What came so far.
    #[must_use]
    pub fn arrivals(&self) -> Arrivals {
        self.shared.arrivals().clone()
    }

    /// Waits until so many requests came.
    ///
    /// # Errors
    /// If they do not come in time.
    pub async fn wait_for(&self, count: usize, within: Duration) -> Result<()> {
        let mut seen = self.shared.count.subscribe();
        let all = seen.wait_for(|seen| *seen >= count);
        let came = tokio::time::timeout(within, all).await;
        let came = came.map(|came| came.is_ok());
        if !matches!(came, Ok(true)) {
            let count_so_far = self.shared.arrivals().count;
            anyhow::bail!("{count_so_far} of {count} requests came, and no more");
        }
        Ok(())
    }
}

impl Drop for HttpReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn arrivals(&self) -> std::sync::MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn after(
    State(shared): State<Arc<Shared>>,
    Path((milliseconds, _)): Path<(u64, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let now = Instant::now();
    if milliseconds > 0 {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    let count = {
        let mut arrivals = shared.arrivals();
        arrivals.count += 1;
        arrivals.first.get_or_insert(now);
        arrivals.body = body;
        if let Some(id) = headers.get(ID).and_then(|id| id.to_str().ok()) {
            arrivals.times.entry(id.to_owned()).or_insert(now);
        }
        arrivals.count
    };
    shared.count.send_replace(count);
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
