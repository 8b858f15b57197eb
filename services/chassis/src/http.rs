//! `/livez`, `/readyz` and `/metrics`.

use std::net::SocketAddr;

use anyhow::Context;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::health::Health;
use crate::metrics::Metrics;

/// Serves health and metrics until the service has stopped; gives the address back.
///
/// # Errors
/// If the address cannot be listened on.
pub async fn serve(
    listen: SocketAddr,
    health: Health,
    metrics: Metrics,
    done: CancellationToken,
) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!(
            "cannot listen on {listen} for health and metrics; set DD_HTTP_LISTEN to a free address"
        )
    })?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz).with_state(health))
        .route("/metrics", get(render).with_state(metrics));
    tokio::spawn(async move {
        let served = axum::serve(listener, router)
            .with_graceful_shutdown(done.cancelled_owned())
            .await;
        if let Err(error) = served {
            tracing::error!(%error, "health and metrics are no longer served");
        }
    });
    Ok(address)
}

/// 200 when every part is ready; else 503 and what ails the others.
async fn readyz(State(health): State<Health>) -> Response {
    let ailments = health.ailments();
    let status = if ailments.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "ready": ailments.is_empty(), "not_ready": ailments })),
    )
        .into_response()
}

async fn render(State(metrics): State<Metrics>) -> Response {
    match metrics.render() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
