//! What is there, as RabbitMQ's management API tells.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use url::Url;

/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(15);

/// Everything of a virtual host, in RabbitMQ's words.
pub(super) struct Found {
    pub(super) exchanges: Vec<Value>,
    pub(super) queues: Vec<Value>,
    pub(super) bindings: Vec<Value>,
}

/// Asks for everything of a virtual host.
///
/// # Errors
/// If the API is away, refuses us, or does not know the virtual host.
pub(super) async fn read(api: &Url, vhost: &str) -> anyhow::Result<Found> {
    let client = Client::builder().timeout(DEADLINE).build()?;
    Ok(Found {
        exchanges: list(&client, api, "exchanges", vhost).await?,
        queues: list(&client, api, "queues", vhost).await?,
        bindings: list(&client, api, "bindings", vhost).await?,
    })
}

async fn list(client: &Client, api: &Url, what: &str, vhost: &str) -> anyhow::Result<Vec<Value>> {
    let mut url = api.clone();
    url.path_segments_mut()
        .map_err(|()| anyhow::anyhow!("DD_BROKER_MANAGEMENT_URL is no http address"))?
        .pop_if_empty()
        .extend(["api", what, vhost]);
    let answer = client
        .get(url)
        .send()
        .await
        .map_err(reqwest::Error::without_url);
    let answer =
        answer.context("the management API cannot be reached; check DD_BROKER_MANAGEMENT_URL")?;
    match answer.status() {
        StatusCode::OK => answer
            .json()
            .await
            .map_err(reqwest::Error::without_url)
            .context(
                "what DD_BROKER_MANAGEMENT_URL names does not answer as RabbitMQ's management API",
            ),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => bail!(
            "the management API refuses the user of DD_BROKER_MANAGEMENT_URL; check the password, \
             and that the user has the tag monitoring"
        ),
        StatusCode::NOT_FOUND => {
            bail!("the broker has no virtual host {vhost}; check DD_BROKER_URL")
        }
        status => bail!("the management API answered {status} when asked for {what}"),
    }
}
