//! Names of exchanges, queues and routing keys. All carry the installation's prefix.

use std::fmt;
use std::str::FromStr;

use crate::channel::Channel;

/// A service that reads a queue of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Decides who is told what, and how.
    EventRouter,
    /// Delivers `mail`.
    EmailSender,
    /// Delivers `slack`.
    SlackSender,
    /// Delivers `msteams`.
    TeamsSender,
    /// Delivers `webhooks`.
    WebhookSender,
    /// Delivers `alert`.
    AlertWriter,
    /// Keeps the directory in step with DefectDojo.
    DirectorySync,
    /// Makes happen what only time does, and keeps jobs until their digest is due.
    Scheduler,
}

impl Service {
    /// Every service with a queue.
    pub const ALL: [Self; 8] = [
        Self::EventRouter,
        Self::EmailSender,
        Self::SlackSender,
        Self::TeamsSender,
        Self::WebhookSender,
        Self::AlertWriter,
        Self::DirectorySync,
        Self::Scheduler,
    ];

    /// The service's name: its binary, its queue, its label in metrics and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EventRouter => "event-router",
            Self::EmailSender => "email-sender",
            Self::SlackSender => "slack-sender",
            Self::TeamsSender => "teams-sender",
            Self::WebhookSender => "webhook-sender",
            Self::AlertWriter => "alert-writer",
            Self::DirectorySync => "directory-sync",
            Self::Scheduler => "scheduler",
        }
    }

    /// The sender of a channel.
    #[must_use]
    pub const fn of(channel: Channel) -> Self {
        match channel {
            Channel::Alert => Self::AlertWriter,
            Channel::Mail => Self::EmailSender,
            Channel::Slack => Self::SlackSender,
            Channel::Msteams => Self::TeamsSender,
            Channel::Webhooks => Self::WebhookSender,
        }
    }

    /// The channel that a sender delivers; none for a service that is no sender.
    #[must_use]
    pub fn channel(self) -> Option<Channel> {
        Channel::ALL
            .into_iter()
            .find(|channel| Self::of(*channel) == self)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no service.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no service with a queue of its own")]
pub struct UnknownService(pub String);

impl FromStr for Service {
    type Err = UnknownService;

    fn from_str(text: &str) -> Result<Self, UnknownService> {
        Self::ALL
            .into_iter()
            .find(|service| service.as_str() == text)
            .ok_or_else(|| UnknownService(text.to_owned()))
    }
}

/// The prefix of every name on the broker, so that installations share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    prefix: String,
}

/// A prefix that cannot be one.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no prefix: use 1 to 40 of a-z, 0-9 and -")]
pub struct BadPrefix(pub String);

impl FromStr for Names {
    type Err = BadPrefix;

    fn from_str(prefix: &str) -> Result<Self, BadPrefix> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=40).contains(&prefix.len()) && prefix.bytes().all(allowed) {
            Ok(Self {
                prefix: prefix.to_owned(),
            })
        } else {
            Err(BadPrefix(prefix.to_owned()))
        }
    }
}

impl Default for Names {
    fn default() -> Self {
        Self {
            prefix: "dojo".to_owned(),
        }
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prefix)
    }
}

impl Names {
    /// The routing key of jobs that are held back: they go to the scheduler.
    pub const SCHEDULED: &str = "scheduled";

    /// Topic exchange that publishers send events to, key = the event's name.
    #[must_use]
    pub fn events(&self) -> String {
        format!("{}.events", self.prefix)
    }

    /// Topic exchange of jobs, key = the channel, or [`Names::SCHEDULED`].
    #[must_use]
    pub fn jobs(&self) -> String {
        format!("{}.jobs", self.prefix)
    }

    /// Topic exchange that publishers send changes of the directory to, key = the object's kind.
    #[must_use]
    pub fn directory(&self) -> String {
        format!("{}.directory", self.prefix)
    }

    /// Topic exchange in front of the ladder, key = [`Names::rung_key`].
    #[must_use]
    pub fn retry(&self) -> String {
        format!("{}.retry", self.prefix)
    }

    /// Topic exchange that rungs give their messages back to, key = the service.
    #[must_use]
    pub fn return_(&self) -> String {
        format!("{}.return", self.prefix)
    }

    /// Topic exchange of what the broker gives up, key = the service.
    #[must_use]
    pub fn dead(&self) -> String {
        format!("{}.dead", self.prefix)
    }

    /// Topic exchange of what DefectDojo is to change on our word, key = the object's kind; and
    /// the queue in which it waits for DefectDojo.
    #[must_use]
    pub fn upstream(&self) -> String {
        format!("{}.upstream", self.prefix)
    }

    /// The queue of what could not be handed to DefectDojo.
    #[must_use]
    pub fn upstream_dead(&self) -> String {
        format!("{}.upstream.dead", self.prefix)
    }

    /// Every exchange.
    #[must_use]
    pub fn exchanges(&self) -> [String; 7] {
        [
            self.events(),
            self.directory(),
            self.upstream(),
            self.jobs(),
            self.retry(),
            self.return_(),
            self.dead(),
        ]
    }

    /// The queue that a service reads.
    #[must_use]
    pub fn queue(&self, service: Service) -> String {
        format!("{}.{service}", self.prefix)
    }

    /// The queue of one rung of a service's ladder.
    #[must_use]
    pub fn rung(&self, service: Service, seconds: u32) -> String {
        format!("{}.{service}.retry.{seconds}", self.prefix)
    }

    /// The routing key that leads to a rung.
    #[must_use]
    pub fn rung_key(service: Service, seconds: u32) -> String {
        format!("{service}.{seconds}")
    }

    /// The queue of what the broker gave up for a service.
    #[must_use]
    pub fn dead_queue(&self, service: Service) -> String {
        format!("{}.{service}.dead", self.prefix)
    }
}
