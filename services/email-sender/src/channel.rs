//! One mail.

use delivery::compose::broken_template;
use delivery::{Channel, Composer, Scope, Task};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use proto_events::{Outcome, Reason, Receipt};
use store::{Place, Store};
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::{answer, transport};

/// Mail through a relay.
pub struct EmailChannel {
    composer: Composer,
    relay: Option<AsyncSmtpTransport<Tokio1Executor>>,
    /// One for each mail that may be under way. lettre's pool limits only how many
    /// connections it keeps, not how many it opens.
    connections: Semaphore,
}

impl EmailChannel {
    /// Makes the channel; connects to the relay with the first mail.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(config: &Config, _: &Store) -> anyhow::Result<Self> {
        let extra_ca = config.delivery.extra_ca()?;
        let connections = config.email_connections;
        let relay = transport::connect(&config.email_url, extra_ca.as_deref(), connections)?;
        Ok(Self {
            composer: Composer::new(&config.delivery)?,
            relay,
            connections: Semaphore::new(connections as usize),
        })
    }
}

impl Channel for EmailChannel {
    type Job = Message;

    // The relay and its credentials are everybody's.
    const PAUSES: Scope = Scope::Service;

    fn prepare(&self, task: Task) -> Result<Message, Outcome> {
        let Place::Mail { address } = &task.place else {
            return Err(Outcome::rejected(
                Reason::RecipientGone,
                "the recipient is gone, inactive, or has no mail address",
            ));
        };
        let to: Address = address.parse().map_err(|problem| {
            Outcome::rejected(
                Reason::InvalidAddress,
                format!("the recipient's mail address is none: {problem}"),
            )
        })?;
        let settings = &task.settings.settings;
        let from: Mailbox = settings
            .email_from
            .parse()
            .map_err(|problem| Outcome::Retry {
                reason: Reason::NotConfigured,
                detail: format!("System Settings, email_from is no mail address: {problem}"),
                after: None,
            })?;
        let message = self.composer.message(&task)?;
        let mail = messages::mail(&self.composer.templates, &message)
            .map_err(|error| broken_template(&error))?;
        let id = format!("<{}@{}>", task.job.id, from.email.domain());
        Message::builder()
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .message_id(Some(id))
            .date_now()
            .raw_header(auto_submitted())
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|problem| {
                Outcome::rejected(
                    Reason::Internal,
                    format!("the mail cannot be built: {problem}"),
                )
            })
    }

    async fn deliver(&self, mail: &Message) -> Outcome {
        let Some(relay) = &self.relay else {
            tracing::info!(mail = %String::from_utf8_lossy(&mail.formatted()), "DD_EMAIL_URL is consolemail://: not sent");
            return Outcome::Delivered(Receipt::default());
        };
        // Never closed, so never refused.
        let _permit = self.connections.acquire().await;
        let answer = relay.send_raw(mail.envelope(), &mail.formatted()).await;
        // lettre hands the connection back in a task of its own; before that has run, the
        // next mail would open another.
        tokio::task::yield_now().await;
        match answer {
            Ok(response) => answer::accepted(&response),
            Err(error) => answer::refused(&error),
        }
    }
}

/// Tells out-of-office programs to be quiet (RFC 3834, 5).
fn auto_submitted() -> HeaderValue {
    HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    )
}
