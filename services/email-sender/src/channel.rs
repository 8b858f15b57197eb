//! One mail.

use ::relay::EmailUrl;
use delivery::{Channel, Composer, Scope, Task};
use lettre::Message;
use lettre::message::{Mailbox, MultiPart};
use messages::Mail;
use proto_events::{Outcome, Reason, Receipt};
use store::{Place, Store};

use crate::address::address;
use crate::answer;
use crate::config::Config;
use crate::headers::{Headers, subject};
use crate::relay::Relay;

/// Mail through a relay.
pub struct EmailChannel {
    composer: Composer,
    headers: Headers,
    /// None: mails are only logged.
    relay: Option<Relay>,
}

impl EmailChannel {
    /// Makes the channel; connects to the relay with the first mail.
    ///
    /// # Errors
    /// If TLS cannot be set up, or a variable cannot be used.
    pub fn new(config: &Config, _: &Store) -> anyhow::Result<Self> {
        let extra_ca = config.delivery.extra_ca()?;
        let relay = match &config.email_url {
            EmailUrl::Console => None,
            EmailUrl::Relay(url) => Some(Relay::new(
                url,
                extra_ca.as_deref(),
                config.email_connections,
            )?),
        };
        Ok(Self {
            composer: Composer::new(&config.delivery)?,
            headers: Headers::new(&config.delivery)?,
            relay,
        })
    }

    /// The mail with its headers.
    fn built(
        &self,
        task: &Task,
        from: Mailbox,
        to: Mailbox,
        mail: Mail,
    ) -> Result<Message, Outcome> {
        let domain = from.email.domain().to_owned();
        let mut message = Message::builder()
            .from(from)
            .to(to)
            .message_id(Some(format!("<{}@{domain}>", task.job.id)))
            .date_now()
            .raw_header(subject(mail.subject));
        for header in self.headers.of(&task.job, &task.event, &domain) {
            message = message.raw_header(header);
        }
        message
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|problem| {
                Outcome::rejected(
                    Reason::Internal,
                    format!("the mail cannot be built: {problem}"),
                )
            })
    }
}

impl Channel for EmailChannel {
    type Job = Message;

    // The relay and its credentials are everybody's.
    const PAUSES: Scope = Scope::Service;

    fn composer(&self) -> Option<&Composer> {
        Some(&self.composer)
    }

    fn prepare(&self, task: Task) -> Result<Message, Outcome> {
        let from = sender(&task.settings.settings.email_from)?;
        let to = recipient(&task.place)?;
        let message = self.composer.message(&task)?;
        let mail = self.composer.mail(&message)?;
        self.built(&task, from, to, mail)
    }

    async fn deliver(&self, mail: &Message) -> Outcome {
        let Some(relay) = &self.relay else {
            tracing::info!(mail = %String::from_utf8_lossy(&mail.formatted()), "DD_EMAIL_URL is consolemail://: not sent");
            return Outcome::Delivered(Receipt::default());
        };
        match relay.send(mail).await {
            Ok(response) => answer::accepted(&response),
            Err(refusal) => answer::refused(&refusal),
        }
    }
}

/// Who the mail comes from: an address, or a name and an address. A person corrects the
/// setting, and every mail is as good after that.
fn sender(email_from: &str) -> Result<Mailbox, Outcome> {
    let given: Result<Mailbox, _> = email_from.parse();
    given
        .and_then(|given| Ok(Mailbox::new(given.name, address(given.email.as_ref())?)))
        .map_err(|problem| {
            Outcome::retry(
                Reason::NotConfigured,
                format!("System Settings, email_from is no mail address: {problem}"),
            )
        })
}

fn recipient(place: &Place) -> Result<Mailbox, Outcome> {
    let Place::Mail { address: given } = place else {
        return Err(Outcome::rejected(
            Reason::RecipientGone,
            "the recipient is gone, inactive, or has no mail address",
        ));
    };
    let to = address(given).map_err(|problem| {
        Outcome::rejected(
            Reason::InvalidAddress,
            format!("the recipient's mail address is none: {problem}"),
        )
    })?;
    Ok(Mailbox::new(None, to))
}
