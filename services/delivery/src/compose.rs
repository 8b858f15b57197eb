//! From a task to the message that its channel lays out.

use messages::{Context, Message, MessageError, Templates};
use proto_events::{Outcome, Reason};

use crate::channel::Task;
use crate::config::DeliveryConfig;

/// Composes messages with this installation's addresses and templates.
pub struct Composer {
    /// The catalogue and the layouts.
    pub templates: Templates,
    site_url: String,
    notify_url: String,
}

impl Composer {
    /// A composer for a sender's configuration.
    ///
    /// # Errors
    /// If a template is broken.
    pub fn new(config: &DeliveryConfig) -> anyhow::Result<Self> {
        Ok(Self {
            templates: Templates::built_in()?,
            site_url: config.site_url.clone(),
            notify_url: config
                .notify_url
                .clone()
                .unwrap_or_else(|| config.site_url.clone()),
        })
    }

    /// What a message for this task depends on besides the event.
    #[must_use]
    pub fn context<'a>(&'a self, task: &'a Task) -> Context<'a> {
        Context {
            site_url: &self.site_url,
            notify_url: &self.notify_url,
            settings: &task.settings.settings,
            redacted: task.job.redacted,
            personal: task
                .job
                .to
                .address()
                .is_none_or(|address| address.recipient.is_some()),
        }
    }

    /// The channel-neutral message of a task.
    ///
    /// # Errors
    /// The outcome, if a template is broken: somebody can mend it, so the job is retried.
    pub fn message(&self, task: &Task) -> Result<Message, Outcome> {
        Message::compose(&self.templates, &task.event, &self.context(task))
            .map_err(|error| broken_template(&error))
    }
}

/// The outcome of an attempt whose template is broken.
#[must_use]
pub fn broken_template(error: &MessageError) -> Outcome {
    Outcome::retry(Reason::Internal, error.to_string())
}
