//! From a task to the message that its channel lays out.

use std::sync::Arc;

use chassis::Runtime;
use messages::{Context, Mail, Message, MessageError, Sensitivity, Templates};
use proto_events::{Outcome, Reason};
use tokio::sync::watch;

use crate::channel::Task;
use crate::config::DeliveryConfig;
use crate::templates::{TemplateFolder, follow};

/// Composes messages with this installation's addresses and templates.
pub struct Composer {
    /// The catalogue and the layouts, as last read.
    templates: watch::Sender<Arc<Templates>>,
    folder: Option<TemplateFolder>,
    site_url: String,
    notify_url: String,
    sensitivity: Sensitivity,
}

impl Composer {
    /// A composer for a sender's configuration.
    ///
    /// # Errors
    /// If a template is broken, in a line that names file and line.
    pub fn new(config: &DeliveryConfig) -> anyhow::Result<Self> {
        let (folder, templates) = match &config.template_dir {
            Some(path) => {
                let (folder, templates) = TemplateFolder::open(path)?;
                (Some(folder), templates)
            }
            None => (None, Templates::built_in()?),
        };
        Ok(Self {
            templates: watch::Sender::new(Arc::new(templates)),
            folder,
            sensitivity: config.sensitivity,
            site_url: config.site_url.clone(),
            notify_url: config
                .notify_url
                .clone()
                .unwrap_or_else(|| config.site_url.clone()),
        })
    }

    /// Takes changed templates into use until the service stops.
    ///
    /// # Errors
    /// If their metric cannot be registered.
    pub fn follow_templates(&self, runtime: &Runtime) -> anyhow::Result<()> {
        follow(self.folder.clone(), self.templates.clone(), runtime)
    }

    fn templates(&self) -> Arc<Templates> {
        Arc::clone(&self.templates.borrow())
    }

    /// What a message for this task depends on besides the event.
    #[must_use]
    pub fn context<'a>(&'a self, task: &'a Task) -> Context<'a> {
        Context {
            channel: task.job.to.channel(),
            site_url: &self.site_url,
            notify_url: &self.notify_url,
            settings: &task.settings.settings,
            redacted: task.job.redacted,
            sensitivity: self.sensitivity,
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
        let (templates, context) = (self.templates(), self.context(task));
        match &task.job.digest {
            Some(digest) => Message::digest(&templates, &task.event, digest, &context),
            None => Message::compose(&templates, &task.event, &context),
        }
        .map_err(|error| broken_template(&error))
    }

    /// A message as a mail.
    ///
    /// # Errors
    /// As [`Composer::message`].
    pub fn mail(&self, message: &Message) -> Result<Mail, Outcome> {
        messages::mail(&self.templates(), message).map_err(|error| broken_template(&error))
    }
}

/// The outcome of an attempt whose template is broken.
fn broken_template(error: &MessageError) -> Outcome {
    Outcome::retry(Reason::Internal, error.to_string())
}
