//! The request that tries an endpoint, before it is stored and whenever somebody asks for it.

use std::time::Duration;

use messages::{Context, Message, Templates};
use proto_events::directory::Settings;
use proto_events::{Event, Outcome, Reason};
use serde_json::json;
use store::Endpoint;
use uuid::Uuid;

use super::{Content, Endpoints};
use crate::http::Answer;

/// The name of the event.
const PING: &str = "ping";

/// An endpoint that answered without an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinged {
    /// The status of its answer.
    pub status: u16,
    /// Where it points instead, if it redirects: what is sent to it will not arrive.
    pub redirect: Option<String>,
}

/// An endpoint that did not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PingError {
    /// It refused.
    #[error("it answered HTTP {0}")]
    Status(u16),
    /// There was no answer, or nothing could be sent.
    #[error("{detail} ({reason})")]
    NoAnswer {
        /// What went wrong.
        reason: Reason,
        /// What was seen.
        detail: String,
    },
}

impl Endpoints {
    /// Sends a ping to an endpoint, whatever its status.
    ///
    /// # Errors
    /// If it does not answer, or with a status from 400 on (DefectDojo
    /// `notifications/ui/views.py`).
    pub async fn ping(
        &self,
        endpoint: &Endpoint,
        settings: &Settings,
    ) -> Result<Pinged, PingError> {
        let answer = self.answer(endpoint, settings).await.map_err(no_answer)?;
        match answer.status.as_u16() {
            status @ 400.. => Err(PingError::Status(status)),
            status @ 300..=399 => Ok(Pinged {
                status,
                redirect: Some(answer.location.unwrap_or_default()),
            }),
            status => Ok(Pinged {
                status,
                redirect: None,
            }),
        }
    }

    async fn answer(&self, endpoint: &Endpoint, settings: &Settings) -> Result<Answer, Outcome> {
        let id = Uuid::new_v4().to_string();
        let body = self.ping_body(&id, endpoint, settings).map_err(|error| {
            Outcome::rejected(
                Reason::Internal,
                format!("the ping cannot be made: {error:#}"),
            )
        })?;
        let deadline = settings.webhooks_notifications_timeout.max(1);
        let content = Content {
            id: &id,
            event: PING,
            body: &body,
            deadline: Duration::from_secs(u64::from(deadline)),
        };
        self.send(&self.request(endpoint, &content)?).await
    }

    fn ping_body(
        &self,
        id: &str,
        endpoint: &Endpoint,
        settings: &Settings,
    ) -> anyhow::Result<serde_json::Value> {
        let event = json!({
            "specversion": "1.0", "id": id, "source": self.site_url, "type": PING, "data": {"title": ""},
        });
        let event = Event::parse(event.to_string().as_bytes())?;
        let context = Context {
            channel: proto_events::Channel::Webhooks,
            // A ping tells nothing that could be held back.
            sensitivity: messages::Sensitivity::Full,
            site_url: &self.site_url,
            notify_url: &self.site_url,
            settings,
            redacted: false,
            personal: endpoint.owner.is_some(),
        };
        let message = Message::compose(&Templates::built_in()?, &event, &context)?;
        Ok(messages::webhook(
            &event,
            &message,
            &context,
            endpoint.owner.as_ref(),
        ))
    }
}

fn no_answer(outcome: Outcome) -> PingError {
    match outcome {
        Outcome::Retry { reason, detail, .. } | Outcome::Rejected { reason, detail } => {
            PingError::NoAnswer { reason, detail }
        }
        // An exchange without an answer delivers nothing.
        Outcome::Delivered(_) => PingError::NoAnswer {
            reason: Reason::Internal,
            detail: "no answer".to_owned(),
        },
    }
}
