//! The trait a sender implements.

use std::future::Future;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use proto_events::{Event, Job, Outcome};
use store::{DeliverySettings, Place};

use crate::compose::Composer;

/// A claimed job with everything an attempt needs.
pub struct Task {
    /// The job.
    pub job: Job,
    /// The event inside it.
    pub event: Event,
    /// Where it goes, read when it was claimed; [`Place::Gone`] for alerts, which have none.
    pub place: Place,
    /// System Settings at the same moment.
    pub settings: Arc<DeliverySettings>,
    /// How long the attempt waits for its destination's rate.
    pub wait: Duration,
}

/// Who is left alone when a receiver asks for it, or refuses our credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The destination of the attempt.
    Destination,
    /// Every destination of the channel: they share a server, a workspace or a token.
    Service,
}

/// One delivery attempt over one channel.
///
/// A channel is only that: claims, retries, ledger, dead letters and acknowledgements
/// are done around it, alike for all.
pub trait Channel: Send + Sync + 'static {
    /// What is sent: rendered text and address.
    type Job: Send + Sync + 'static;

    /// How many jobs one call of [`Channel::deliver_many`] takes.
    const BATCH: usize = 1;

    /// Whether the ledger keeps a row for every attempt. False where what is written is
    /// its own ledger and may be written twice without harm.
    const LEDGER: bool = true;

    /// Who is left alone after [`Reason::RateLimited`], [`Reason::Unauthorized`] and
    /// [`Reason::NotConfigured`].
    ///
    /// [`Reason::RateLimited`]: proto_events::Reason::RateLimited
    /// [`Reason::Unauthorized`]: proto_events::Reason::Unauthorized
    /// [`Reason::NotConfigured`]: proto_events::Reason::NotConfigured
    const PAUSES: Scope = Scope::Destination;

    /// How many attempts a second one destination takes, from all replicas together; none: as
    /// many as there are. `DD_DESTINATION_RATE` wins.
    const RATE: Option<NonZeroU32> = None;

    /// What composes its messages: its templates are followed while the sender runs.
    fn composer(&self) -> Option<&Composer> {
        None
    }

    /// Makes of a task what is to be sent, without I/O.
    ///
    /// # Errors
    /// The outcome, if there is nothing that could be sent.
    fn prepare(&self, task: Task) -> Result<Self::Job, Outcome>;

    /// Tries once. Runs under a deadline; a panic counts as a fault of ours and is retried.
    fn deliver(&self, job: &Self::Job) -> impl Future<Output = Outcome> + Send;

    /// Tries several together, outcomes in the order of the jobs. A channel that writes
    /// in groups overrides this; the default delivers one after another.
    fn deliver_many(&self, jobs: &[Self::Job]) -> impl Future<Output = Vec<Outcome>> + Send {
        async move {
            let mut outcomes = Vec::with_capacity(jobs.len());
            for job in jobs {
                outcomes.push(self.deliver(job).await);
            }
            outcomes
        }
    }
}
