//! What is done to the installation, each only once there is work under way.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use notifyctl::stage::Servers;
use proto_events::outcome::State;
use proto_events::{Channel, JobId, Service};
use system_tests::play::{Play, until_within};
use system_tests::servers::{PrivateBroker, PrivateDatabase};

use super::expected::{ALERTED, decided, number, targets};

/// Something that happens to an installation.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// SIGKILL, and another process in its place.
    KilledService(Service),
    /// SIGKILL and a new start.
    KilledBroker,
    /// An orderly stop and a new start.
    RestartedBroker,
    /// SIGKILL and a new start.
    KilledDatabase,
    /// An orderly stop and a new start.
    RestartedDatabase,
}

/// Everything that happens, in this order.
pub(super) const FAULTS: [Fault; 10] = [
    Fault::KilledService(Service::EmailSender),
    Fault::KilledService(Service::SlackSender),
    Fault::KilledService(Service::TeamsSender),
    Fault::KilledService(Service::WebhookSender),
    Fault::KilledService(Service::AlertWriter),
    Fault::KilledService(Service::EventRouter),
    Fault::KilledBroker,
    Fault::KilledDatabase,
    Fault::RestartedBroker,
    Fault::RestartedDatabase,
];

impl Fault {
    /// Whether it is the death of a service whose attempts have rows in the ledger.
    pub(super) fn leaves_claims(self) -> bool {
        let Self::KilledService(service) = self else {
            return false;
        };
        service
            .channel()
            .is_some_and(|channel| channel != Channel::Alert)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KilledService(service) => write!(f, "{service} killed"),
            Self::KilledBroker => f.write_str("broker killed"),
            Self::RestartedBroker => f.write_str("broker restarted"),
            Self::KilledDatabase => f.write_str("database killed"),
            Self::RestartedDatabase => f.write_str("database restarted"),
        }
    }
}

/// How long it may take until work of a wave shows.
const WORK_WITHIN: Duration = Duration::from_secs(120);

/// Servers that may be killed.
pub(super) struct Private {
    broker: PrivateBroker,
    database: PrivateDatabase,
}

impl Private {
    pub(super) async fn start() -> Self {
        let (broker, database) = tokio::join!(PrivateBroker::start(), PrivateDatabase::start());
        Self {
            broker: broker.unwrap(),
            database: database.unwrap(),
        }
    }

    pub(super) fn servers(&self) -> Servers {
        Servers {
            broker_url: self.broker.url().parse().unwrap(),
            database_url: self.database.url().into(),
        }
    }

    /// Strikes in the midst of a wave of events. Gives the jobs that were in flight in the
    /// killed sender.
    pub(super) async fn strike(
        &mut self,
        fault: Fault,
        play: &mut Play,
        wave: Range<usize>,
    ) -> Vec<JobId> {
        let before = play.receivers.record.all().len();
        let done = until_within(WORK_WITHIN, "work under way", async || {
            let done = progress(fault, play, &wave, before).await;
            (done > wave.len() / 4).then_some(done)
        })
        .await;
        println!("{fault}: {done} of {} events done", wave.len());
        assert!(done < wave.len(), "there was no work under way");
        match fault {
            Fault::KilledService(service) => {
                play.fleet.kill(service).await.unwrap();
                let in_flight = claimed(service, play).await;
                play.fleet.start(&[service]).unwrap();
                return in_flight;
            }
            Fault::KilledBroker => {
                self.broker.kill().await.unwrap();
                self.broker.restart().await.unwrap();
            }
            Fault::RestartedBroker => self.broker.restart().await.unwrap(),
            Fault::KilledDatabase => {
                self.database.kill().await.unwrap();
                self.database.restart().await.unwrap();
            }
            Fault::RestartedDatabase => self.database.restart().await.unwrap(),
        }
        Vec::new()
    }
}

/// How many events of a wave have passed what is to be struck. Broker and database are
/// struck while mails go out; `before` is how many messages had come when the wave began.
async fn progress(fault: Fault, play: &Play, wave: &Range<usize>, before: usize) -> usize {
    let channel = match fault {
        Fault::KilledService(service) => service.channel(),
        _ => Some(Channel::Mail),
    };
    match channel {
        None => {
            let events = decided(play).await;
            events.saturating_sub(wave.start)
        }
        Some(Channel::Alert) => {
            let alerts = play.store().account().await.unwrap().alerts;
            (usize::try_from(alerts).unwrap() / ALERTED.len()).saturating_sub(wave.start)
        }
        Some(channel) => {
            let received = play.receivers.record.all();
            let came = received[before..].iter().filter(|message| {
                message.channel == channel
                    && number(&message.body).is_some_and(|event| wave.contains(&event))
            });
            came.count() / targets(channel)
        }
    }
}

/// The jobs that a killed sender had in flight.
async fn claimed(service: Service, play: &Play) -> Vec<JobId> {
    let ledger = play.store().ledger().await.unwrap();
    let claimed = ledger
        .into_iter()
        .filter(|entry| Some(entry.channel) == service.channel() && entry.state == State::Claimed);
    claimed.map(|entry| entry.job).collect()
}
