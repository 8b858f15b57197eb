//! One look at broker and database.

use anyhow::bail;
use chassis::broker::Session;
use chassis::config::BrokerConfig;
use proto_events::Service;
use store::{Hold, LetterCount, LetterFilter, Store, Survey};

/// What a look has found; what could not be looked at says why.
pub(super) struct Status {
    pub(super) queues: anyhow::Result<Vec<Queues>>,
    pub(super) tables: anyhow::Result<Tables>,
}

/// A service's queues.
pub(super) struct Queues {
    pub(super) service: Service,
    /// Messages that wait for the service.
    pub(super) ready: u32,
    /// Readers; with none, nobody is at work.
    pub(super) consumers: u32,
    /// Messages that wait for their next attempt.
    pub(super) retrying: u32,
    /// What the broker gave up, and nobody has filed yet.
    pub(super) given_up: u32,
}

/// What the database tells.
pub(super) struct Tables {
    pub(super) survey: Survey,
    pub(super) holds: Vec<Hold>,
    pub(super) letters: Vec<LetterCount>,
}

impl Status {
    pub(super) const fn is_whole(&self) -> bool {
        self.queues.is_ok() && self.tables.is_ok()
    }
}

/// Looks at both, at the same time.
pub(super) async fn look(broker: &BrokerConfig, store: &Store) -> Status {
    let (queues, tables) = tokio::join!(queues(broker), tables(store));
    Status { queues, tables }
}

async fn queues(broker: &BrokerConfig) -> anyhow::Result<Vec<Queues>> {
    let names = &broker.broker_prefix;
    let session = Session::open(broker, "notifyctl status").await?;
    let mut all = Vec::with_capacity(Service::ALL.len());
    for service in Service::ALL {
        let work = session.queue_state(&names.queue(service)).await?;
        let dead = session.queue_state(&names.dead_queue(service)).await?;
        let mut retrying = 0;
        for seconds in broker.retry_ladder.rungs() {
            retrying += session
                .queue_state(&names.rung(service, *seconds))
                .await?
                .ready;
        }
        all.push(Queues {
            service,
            ready: work.ready,
            consumers: work.consumers,
            retrying,
            given_up: dead.ready,
        });
    }
    session.close().await;
    Ok(all)
}

async fn tables(store: &Store) -> anyhow::Result<Tables> {
    if !store.schema_is_current().await? {
        bail!("the schema is older than this notifyctl; run notifyctl migrate");
    }
    let waiting = LetterFilter::default();
    let (survey, holds, letters) =
        tokio::try_join!(store.survey(), store.holds(), store.letter_counts(&waiting))?;
    Ok(Tables {
        survey,
        holds,
        letters,
    })
}
