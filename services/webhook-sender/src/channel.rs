//! One POST to one endpoint.

use std::time::Duration;

use delivery::endpoint::{Content, Endpoints, Request};
use delivery::{Channel, Composer, Task};
use proto_events::{Outcome, Reason};
use store::{Place, Store};

use crate::answer;
use crate::config::Config;

/// HTTP endpoints of the system and of users.
pub struct WebhookChannel {
    composer: Composer,
    endpoints: Endpoints,
}

impl WebhookChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// If the HTTP client cannot be made.
    pub fn new(config: &Config, _: &Store) -> anyhow::Result<Self> {
        let extra_ca = config.delivery.extra_ca()?;
        Ok(Self {
            composer: Composer::new(&config.delivery)?,
            endpoints: Endpoints::new(
                &config.delivery.site_url,
                extra_ca.as_deref(),
                &config.endpoint,
            )?,
        })
    }
}

impl Channel for WebhookChannel {
    type Job = Request;

    fn composer(&self) -> Option<&Composer> {
        Some(&self.composer)
    }

    fn prepare(&self, task: Task) -> Result<Request, Outcome> {
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
        let deadline = task.settings.settings.webhooks_notifications_timeout.max(1);
        let content = Content {
            id: &task.job.id.to_string(),
            event: task.event.name.as_str(),
            body: &messages::webhook(&task.event, &message, &context, endpoint.owner.as_ref()),
            deadline: Duration::from_secs(u64::from(deadline)),
        };
        self.endpoints.request(endpoint, &content)
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        match self.endpoints.send(request).await {
            Ok(answer) => answer::judge(&answer),
            Err(outcome) => outcome,
        }
    }
}
