//! What the tests share: the channel, and an attempt at an endpoint.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use conformance::receiver::request;
use delivery::Channel as _;
use proto_events::Outcome;
use proto_events::directory::Settings;
use serde_json::{Value, json};
use store::{DeliverySettings, Endpoint, Place, Store};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use webhook_sender::Config;
use webhook_sender::channel::WebhookChannel;

/// A sender to this machine; the database is never asked.
pub(crate) fn channel(trusted: Option<PathBuf>) -> WebhookChannel {
    chassis::start::install_tls_provider();
    let words = [
        "webhook-sender",
        "--webhook-allowed-networks",
        "127.0.0.0/8",
    ];
    let mut config: Config = chassis::config::parse_from(words).unwrap();
    config.delivery.extra_ca_file = trusted;
    let store = Store::new(&config.delivery.store, "test").unwrap();
    WebhookChannel::new(&config, &store).unwrap()
}

/// The system's endpoint at an address.
pub(crate) fn endpoint(url: &str) -> Endpoint {
    Endpoint {
        id: 1,
        name: "siem".to_owned(),
        url: url.to_owned(),
        header_name: None,
        header_value: None,
        signing_secrets: Vec::new(),
        owner: None,
    }
}

/// One attempt, with more time than a machine under load needs.
pub(crate) async fn attempt(channel: &WebhookChannel, endpoint: Endpoint) -> Outcome {
    attempt_within(channel, endpoint, 30).await
}

/// One attempt, which may take so long.
pub(crate) async fn attempt_within(
    channel: &WebhookChannel,
    endpoint: Endpoint,
    seconds: u32,
) -> Outcome {
    let place = Place::Webhook(Box::new(endpoint));
    let data = json!({"title": "Grüße"});
    let mut task = conformance::task("other", "webhooks", &Value::Null, &data, place);
    task.settings = Arc::new(DeliverySettings {
        settings: Settings {
            webhooks_notifications_timeout: seconds,
            ..Settings::default()
        },
        slack_token: Ok(None),
    });
    match channel.prepare(task) {
        Ok(request) => channel.deliver(&request).await,
        Err(outcome) => outcome,
    }
}

/// Takes one request, answers with `head`, then with `more` again and again until the client
/// hangs up; without `more` it hangs up itself. Gives its URL, and in the end the request and
/// how many bytes were sent.
pub(crate) async fn receiver(
    head: &'static str,
    more: Option<&'static [u8]>,
) -> (String, JoinHandle<(String, usize)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = request(&mut stream).await;
        let mut sent = head.len();
        if stream.write_all(head.as_bytes()).await.is_ok()
            && let Some(more) = more
        {
            while let Ok(taken) = stream.write(more).await {
                sent += taken;
            }
        }
        (request, sent)
    });
    (url, serving)
}
