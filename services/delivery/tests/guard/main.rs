//! Where webhooks go, and where they do not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod addresses;
mod canary;
mod names;
mod proxy;
mod tricks;

use std::sync::Arc;
use std::time::Duration;

use delivery::endpoint::{Content, EndpointConfig, Endpoints};
use delivery::http::Answer;
use proto_events::Outcome;
use reqwest::dns::Resolve;
use serde_json::json;
use store::Endpoint;

/// What webhooks are sent with.
fn config(networks: &str, ports: &str) -> EndpointConfig {
    EndpointConfig {
        webhook_allowed_networks: networks.parse().unwrap(),
        webhook_allowed_ports: ports.parse().unwrap(),
        webhook_proxy: None,
        defectdojo_version: "3.2.0".to_owned(),
    }
}

fn endpoints(config: &EndpointConfig, names: Arc<dyn Resolve>) -> Endpoints {
    chassis::start::install_tls_provider();
    Endpoints::looking_up("https://dojo.example", None, config, names).unwrap()
}

/// One attempt at an address, as a sender makes it.
async fn attempt(endpoints: &Endpoints, url: &str) -> Result<Answer, Outcome> {
    let endpoint = Endpoint {
        id: 1,
        name: "siem".to_owned(),
        url: url.to_owned(),
        header_name: None,
        header_value: None,
        signing_secrets: Vec::new(),
        owner: None,
    };
    let content = Content {
        id: "6fa459ea-ee8a-3ca4-894e-db77e160355e",
        event: "ping",
        body: &json!({}),
        deadline: Duration::from_secs(5),
    };
    endpoints
        .send(&endpoints.request(&endpoint, &content)?)
        .await
}
