//! One Teams card.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use delivery::http::{self, Body};
use delivery::{Channel, Composer, Task};
use proto_events::job::DestinationId;
use proto_events::{JobId, Outcome, Reason};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use store::{Place, Store};

use crate::address::Behind;
use crate::answer;
use crate::config::Config;

/// How long one exchange may take (DefectDojo `DD_REQUESTS_TIMEOUT`).
const DEADLINE: Duration = Duration::from_secs(30);

/// Teams' Workflows and old connectors.
pub struct TeamsChannel {
    composer: Composer,
    client: Client,
    /// Destinations whose address was warned of: once each is enough.
    warned: Mutex<HashSet<DestinationId>>,
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
            warned: Mutex::default(),
        })
    }

    /// Warns of an address that is going to stop working, once a destination and process.
    fn warn(&self, behind: Behind, destination: DestinationId) {
        let Some(warning) = behind.warning() else {
            return;
        };
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.insert(destination) {
            tracing::warn!(destination, "{warning}");
        }
    }
}

impl Channel for TeamsChannel {
    type Job = Card;

    const RATE: Option<NonZeroU32> = NonZeroU32::new(4);

    fn composer(&self) -> Option<&Composer> {
        Some(&self.composer)
    }

    fn prepare(&self, task: Task) -> Result<Card, Outcome> {
        let (Place::Teams { url }, Some(address)) = (&task.place, task.job.to.address()) else {
            return Err(Outcome::rejected(
                Reason::RecipientGone,
                "the destination is gone: its Teams URL (System Settings, msteams_url, or notifyctl destinations) is not set any more",
            ));
        };
        // As in DefectDojo (`notifications/helper.py`): nobody has a Teams address of their own.
        if address.recipient.is_some() {
            return Err(Outcome::rejected(
                Reason::RecipientGone,
                "the job is for a person, and Teams is for the system's channels only",
            ));
        }
        let behind = Behind::of(url.expose_secret());
        self.warn(behind, address.destination);
        let message = self.composer.message(&task)?;
        Ok(Card {
            id: task.job.id,
            url: url.clone(),
            body: match behind {
                Behind::Workflow | Behind::OldWorkflow => messages::teams(&message),
                Behind::Connector => messages::connector(&message),
            },
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
