//! What senders are compared with: bare clients of the libraries that they use, with nothing
//! of ours.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;
use lettre::address::Envelope;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use reqwest::header::CONTENT_TYPE;
use tokio::task::JoinSet;

/// How much is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// How many messages.
    pub messages: usize,
    /// How many at once.
    pub at_once: usize,
}

/// Mails a second of lettre's pool.
///
/// # Errors
/// If one is not taken.
pub async fn mail(address: SocketAddr, mail: Vec<u8>, amount: Amount) -> Result<f64> {
    let mail: Arc<[u8]> = mail.into();
    let connections = u32::try_from(amount.at_once)?;
    let relay = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
        .port(address.port())
        .pool_config(PoolConfig::new().max_size(connections))
        .build();
    let envelope = Envelope::new(
        Some("no-reply@bench.example".parse()?),
        vec!["team1@bench.example".parse()?],
    )?;
    together(amount, move || {
        let (relay, envelope, mail) = (relay.clone(), envelope.clone(), Arc::clone(&mail));
        async move {
            relay.send_raw(&envelope, &mail).await?;
            Ok(())
        }
    })
    .await
}

/// Requests a second of reqwest.
///
/// # Errors
/// If one is not answered well.
pub async fn post(url: &str, body: Vec<u8>, amount: Amount) -> Result<f64> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url: reqwest::Url = url.parse()?;
    let body: axum::body::Bytes = body.into();
    together(amount, move || {
        let request = client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body.clone());
        async move {
            request.send().await?.error_for_status()?.bytes().await?;
            Ok(())
        }
    })
    .await
}

/// Does something again and again; gives how often a second.
async fn together<F, W>(amount: Amount, what: F) -> Result<f64>
where
    F: Fn() -> W + Clone + Send + 'static,
    W: Future<Output = Result<()>> + Send,
{
    let taken = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    let started = Instant::now();
    for _ in 0..amount.at_once {
        let (taken, what) = (Arc::clone(&taken), what.clone());
        workers.spawn(async move {
            while taken.fetch_add(1, Ordering::Relaxed) < amount.messages {
                what().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended??;
    }
    Ok(amount.messages as f64 / started.elapsed().as_secs_f64())
}
