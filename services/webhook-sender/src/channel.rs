//! One POST to one endpoint.

use std::time::Duration;

use delivery::http::{self, Body};
use delivery::{Channel, Composer, Task};
use proto_events::{Outcome, Reason};
use reqwest::Client;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use secrecy::ExposeSecret;
use serde_json::Value;
use store::{Endpoint, Place, Store};

use crate::answer;
use crate::config::Config;

/// HTTP endpoints of the system and of users.
pub struct WebhookChannel {
    composer: Composer,
    client: Client,
    site_url: String,
    user_agent: String,
}

/// A request that is ready to be sent.
pub struct Delivery {
    url: String,
    headers: HeaderMap,
    body: Value,
    deadline: Duration,
}

impl WebhookChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// If the HTTP client cannot be made.
    pub fn new(config: &Config, _: &Store) -> anyhow::Result<Self> {
        Ok(Self {
            composer: Composer::new(&config.delivery)?,
            client: http::client(&config.delivery)?,
            site_url: config.delivery.site_url.clone(),
            user_agent: format!("DefectDojo-{}", config.defectdojo_version),
        })
    }

    fn headers(&self, task: &Task, endpoint: &Endpoint) -> Result<HeaderMap, Outcome> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            USER_AGENT,
            value(&self.user_agent, "DD_DEFECTDOJO_VERSION")?,
        );
        headers.insert(
            "X-DefectDojo-Event",
            value(task.event.name.as_str(), "the event's name")?,
        );
        headers.insert(
            "X-DefectDojo-Instance",
            value(&self.site_url, "DD_SITE_URL")?,
        );
        headers.insert(
            http::IDEMPOTENCY_KEY,
            value(&task.job.id.to_string(), "the job's id")?,
        );
        if let Some(name) = endpoint
            .header_name
            .as_deref()
            .filter(|name| !name.is_empty())
        {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| not_a_header("the endpoint's header_name"))?;
            let given = endpoint
                .header_value
                .as_ref()
                .map_or("", |secret| secret.expose_secret());
            let mut secret = value(given, "the endpoint's header_value")?;
            secret.set_sensitive(true);
            headers.insert(name, secret);
        }
        Ok(headers)
    }
}

impl Channel for WebhookChannel {
    type Job = Delivery;

    fn composer(&self) -> Option<&Composer> {
        Some(&self.composer)
    }

    fn prepare(&self, task: Task) -> Result<Delivery, Outcome> {
        let endpoint = match &task.place {
            Place::Webhook(endpoint) => endpoint,
            Place::Disabled => {
                return Err(Outcome::rejected(
                    Reason::EndpointInactive,
                    "the endpoint was disabled",
                ));
            }
            _ => {
                return Err(Outcome::rejected(
                    Reason::RecipientGone,
                    "the endpoint was removed, or its owner is gone or inactive",
                ));
            }
        };
        let context = self.composer.context(&task);
        let message = self.composer.message(&task)?;
        Ok(Delivery {
            url: endpoint.url.clone(),
            headers: self.headers(&task, endpoint)?,
            deadline: Duration::from_secs(u64::from(
                task.settings.settings.webhooks_notifications_timeout.max(1),
            )),
            body: messages::webhook(&task.event, &message, &context, endpoint.owner.as_ref()),
        })
    }

    async fn deliver(&self, delivery: &Delivery) -> Outcome {
        let request = self
            .client
            .post(&delivery.url)
            .headers(delivery.headers.clone())
            .json(&delivery.body);
        match http::exchange(request, delivery.deadline, Body::Tells).await {
            Ok(answer) => answer::judge(&answer),
            Err(outcome) => outcome,
        }
    }
}

fn value(text: &str, what: &str) -> Result<HeaderValue, Outcome> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| not_a_header(what))
}

fn not_a_header(what: &str) -> Outcome {
    Outcome::rejected(
        Reason::InvalidAddress,
        format!(
            "{what} cannot stand in an HTTP header; it holds a line break or another control character"
        ),
    )
}
