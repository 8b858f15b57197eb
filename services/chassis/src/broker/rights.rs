//! What each user may do on the broker, and no more.
//!
//! Nobody gets the right to configure: exchanges and queues are made by whoever deploys, and
//! services look whether they are there (`DD_BROKER_TOPOLOGY=check`), which takes no right.

use std::fmt;

use proto_events::{Channel, Names, Service};

/// Somebody who logs in at the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// One of our services.
    Service(Service),
    /// What people and programs ask, and publish through.
    Api,
    /// Who publishes events and changes of the directory: DefectDojo, or a bridge to it.
    Publisher,
    /// What scales the senders by the lengths of their queues.
    Keda,
}

impl User {
    /// Everybody.
    pub fn all() -> impl Iterator<Item = Self> {
        Service::ALL
            .into_iter()
            .map(Self::Service)
            .chain([Self::Api, Self::Publisher, Self::Keda])
    }

    /// The user's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service(service) => service.as_str(),
            Self::Api => "api",
            Self::Publisher => "publisher",
            Self::Keda => "keda",
        }
    }

    /// The tag that opens the management API; only what looks at queues from outside has one.
    #[must_use]
    pub const fn tag(self) -> Option<&'static str> {
        match self {
            Self::Keda => Some("monitoring"),
            Self::Service(_) | Self::Api | Self::Publisher => None,
        }
    }

    /// What the user may do with the things of an installation.
    #[must_use]
    pub fn rights(self, names: &Names) -> Rights {
        match self {
            Self::Service(service) => Rights {
                reads: vec![names.queue(service), names.dead_queue(service)],
                writes: writes(names, service),
            },
            // Events are published, test messages are jobs, and dead letters can be anything.
            Self::Api => Rights {
                reads: Vec::new(),
                writes: vec![
                    Write::any_key(names.events()),
                    Write::any_key(names.directory()),
                    jobs(names, &any_job()),
                ],
            },
            Self::Publisher => Rights {
                reads: Vec::new(),
                writes: vec![
                    Write::any_key(names.events()),
                    Write::any_key(names.directory()),
                ],
            },
            Self::Keda => Rights {
                reads: Vec::new(),
                writes: Vec::new(),
            },
        }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Everybody but the scheduler, whose jobs wait in a table, may send what they read to their own
/// ladder; the router every job, and what is held back; the scheduler that same when it is due, and events. A
/// sender tells superusers what it gave up, which is a job for alerts.
fn writes(names: &Names, service: Service) -> Vec<Write> {
    let ladder = Write {
        exchange: names.retry(),
        keys: format!(r"^{service}\.[0-9]+$"),
    };
    match service {
        Service::EventRouter => vec![ladder, jobs(names, &any_job())],
        Service::Scheduler => {
            let held = Channel::ALL
                .into_iter()
                .filter(|channel| channel.can_wait());
            let held: Vec<&str> = held.map(Channel::as_str).collect();
            let any_key = [names.events(), names.upstream()].map(Write::any_key);
            any_key.into_iter().chain([jobs(names, &held)]).collect()
        }
        Service::EmailSender
        | Service::SlackSender
        | Service::TeamsSender
        | Service::WebhookSender
        | Service::AlertWriter => vec![ladder, jobs(names, &[Channel::Alert.as_str()])],
        Service::DirectorySync => vec![ladder],
    }
}

/// The keys of every job: of all channels, and of what is held back.
fn any_job() -> Vec<&'static str> {
    let channels = Channel::ALL.map(Channel::as_str);
    [&channels[..], &[Names::SCHEDULED]].concat()
}

/// The right to publish jobs with these keys.
fn jobs(names: &Names, keys: &[&str]) -> Write {
    Write {
        exchange: names.jobs(),
        keys: format!("^({})$", keys.join("|")),
    }
}

/// What a user may read and write.
#[derive(Clone, Debug)]
pub struct Rights {
    /// Queues.
    reads: Vec<String>,
    /// Exchanges.
    pub writes: Vec<Write>,
}

/// The right to publish to an exchange.
#[derive(Clone, Debug)]
pub struct Write {
    /// Its name.
    pub exchange: String,
    /// With which routing keys, as a regular expression.
    pub keys: String,
}

impl Write {
    fn any_key(exchange: String) -> Self {
        let keys = ".*".to_owned();
        Self { exchange, keys }
    }
}

impl Rights {
    /// The queues that may be read, as a regular expression.
    #[must_use]
    pub fn read(&self) -> String {
        one_of(self.reads.iter().map(String::as_str))
    }

    /// The exchanges that may be written, as a regular expression.
    #[must_use]
    pub fn write(&self) -> String {
        one_of(self.writes.iter().map(|write| write.exchange.as_str()))
    }
}

/// The regular expression of nothing: RabbitMQ looks for a match anywhere in a name.
pub(super) const NOTHING: &str = "^$";

fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| name.replace('.', r"\.")).collect();
    if names.is_empty() {
        NOTHING.to_owned()
    } else {
        format!("^({})$", names.join("|"))
    }
}
