//! From a task to the message that its channel lays out.

use std::sync::Arc;

use chassis::Runtime;
use messages::{Context, Mail, Message, MessageError, Sensitivity, Templates};
use prometheus::IntCounter;
use proto_events::{Outcome, Reason};
use store::Store;
use tokio::sync::watch;

use crate::channel::Task;
use crate::config::DeliveryConfig;
use crate::templates::{Shelf, follow};

/// Composes messages with this installation's addresses and templates.
pub struct Composer {
    /// The catalogue and the layouts, as last read.
    templates: watch::Sender<Arc<Templates>>,
    shelf: Shelf,
    built_in: Templates,
    /// How often a built-in template stood in for one that failed.
    fallbacks: IntCounter,
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
        let shelf = Shelf::open(config.template_dir.as_deref())?;
        Ok(Self {
            templates: watch::Sender::new(Arc::new(shelf.in_force()?.templates)),
            shelf,
            built_in: Templates::built_in()?,
            fallbacks: IntCounter::new(
                "dojo_notify_template_fallbacks_total",
                "Messages that a template failed with, and the built-in one said.",
            )?,
            sensitivity: config.sensitivity,
            site_url: config.site_url.clone(),
            notify_url: config
                .notify_url
                .clone()
                .unwrap_or_else(|| config.site_url.clone()),
        })
    }

    /// Takes what people wrote into use, and changed templates until the service stops.
    ///
    /// # Errors
    /// If a metric cannot be registered.
    pub async fn follow_templates(&self, store: &Store, runtime: &Runtime) -> anyhow::Result<()> {
        let fallbacks = Box::new(self.fallbacks.clone());
        runtime.metrics.registry.register(fallbacks)?;
        let (shelf, templates) = (self.shelf.clone(), self.templates.clone());
        follow(shelf, templates, store.clone(), runtime).await
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
    /// The outcome, if even the built-in template fails: the job is retried.
    pub fn message(&self, task: &Task) -> Result<Message, Outcome> {
        let context = self.context(task);
        self.said(|templates| match &task.job.digest {
            Some(digest) => Message::digest(templates, &task.event, digest, &context),
            None => Message::compose(templates, &task.event, &context),
        })
    }

    /// A message as a mail.
    ///
    /// # Errors
    /// As [`Composer::message`].
    pub fn mail(&self, message: &Message) -> Result<Mail, Outcome> {
        self.said(|templates| messages::mail(templates, message))
    }

    /// What the templates in force say. A template was tried before it came into force, and may
    /// still fail with an event that is like no other; people are told of it all the same.
    fn said<T>(&self, say: impl Fn(&Templates) -> Result<T, MessageError>) -> Result<T, Outcome> {
        say(&self.templates())
            .or_else(|error| {
                let problem = error.to_string();
                tracing::error!(
                    problem,
                    "the built-in template stands in for one that failed"
                );
                self.fallbacks.inc();
                say(&self.built_in)
            })
            .map_err(|error| broken_template(&error))
    }
}

/// The outcome of an attempt whose template is broken.
fn broken_template(error: &MessageError) -> Outcome {
    Outcome::retry(Reason::Internal, error.to_string())
}
