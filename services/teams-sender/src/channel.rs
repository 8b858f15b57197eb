//! One Teams card.

use std::num::NonZeroU32;
use std::time::Duration;

use delivery::http::{self, Body};
use delivery::{Channel, Composer, Task};
use proto_events::{JobId, Outcome, Reason};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use store::{Place, Store};

use crate::answer;
use crate::config::Config;

/// How long one exchange may take (DefectDojo `DD_REQUESTS_TIMEOUT`).
const DEADLINE: Duration = Duration::from_secs(30);

/// A Teams workflow.
pub struct TeamsChannel {
    composer: Composer,
    client: Client,
}

/// A card and where it goes. The address holds the workflow's signature: a secret.
pub struct Card {
    id: JobId,
    url: SecretString,
    body: Value,
}

impl TeamsChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// If the HTTP client cannot be made.
    pub fn new(config: &Config, _: &Store) -> anyhow::Result<Self> {
        Ok(Self {
            composer: Composer::new(&config.delivery)?,
            client: http::client(&config.delivery)?,
        })
    }
}

impl Channel for TeamsChannel {
    type Job = Card;

    const RATE: Option<NonZeroU32> = NonZeroU32::new(4);

    fn prepare(&self, task: Task) -> Result<Card, Outcome> {
        let Place::Teams { url } = &task.place else {
            return Err(Outcome::rejected(
                Reason::RecipientGone,
                "System Settings, msteams_url is not set any more",
            ));
        };
        Ok(Card {
            id: task.job.id,
            url: url.clone(),
            body: messages::teams(&self.composer.message(&task)?),
        })
    }

    async fn deliver(&self, card: &Card) -> Outcome {
        let request = self
            .client
            .post(card.url.expose_secret())
            .header(http::IDEMPOTENCY_KEY, card.id.to_string())
            .json(&card.body);
        match http::exchange(request, DEADLINE, Body::Tells).await {
            Ok(answer) => answer::posted(&answer),
            Err(outcome) => outcome,
        }
    }
}
