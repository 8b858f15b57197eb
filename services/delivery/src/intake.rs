//! From a chunk of messages to claimed tasks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use proto_events::{DestinationId, Event, Job, Reason, Service, job::UnreadableJob};
use store::{Attempt, Claim, DeliverySettings, Place, StoreError, Surroundings};

use crate::channel::{Channel, Task};
use crate::lanes::{Lanes, Occupied};
use crate::message::{Message, Origin};
use crate::metrics::Statement;
use crate::rate::{self, Pace};
use crate::sender::Sender;
use crate::verdict::{Key, Settled, Verdict};
use crate::waiting_room::WaitingRoom;

/// Time beyond an attempt's deadline for which its claim stands, so that writing its
/// outcome down is covered too.
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// How long nobody else may make an attempt.
pub(crate) fn lease(timeout: Duration) -> Duration {
    timeout + LEASE_MARGIN
}

/// A message that is a job.
pub(crate) struct Read {
    message: Message,
    job: Job,
    event: Event,
    /// Its place in its destination's lane; none before it entered, and where there are no lanes.
    lane: Option<Occupied>,
}

/// A job that is to be attempted.
pub(crate) struct Ready {
    pub(crate) message: Message,
    pub(crate) task: Task,
    pub(crate) lane: Option<Occupied>,
}

/// What the store knows of jobs, in their order.
pub(crate) struct Known {
    standings: Vec<Standing>,
    settings: Arc<DeliverySettings>,
}

/// How a job stands.
enum Standing {
    /// Its destination rests until then, or others wait in line before it.
    Waits(Option<DateTime<Utc>>),
    /// The ledger's answer, where it goes, and how long it waits for its destination's rate.
    Asked(Claim, Place, Duration),
}

/// What a chunk comes to: tasks to attempt, and messages that are settled without one.
#[derive(Default)]
pub(crate) struct Intake {
    pub(crate) tasks: Vec<Ready>,
    pub(crate) settled: Vec<Settled>,
}

/// Reads the jobs of a chunk; what cannot be read is settled as such.
pub(crate) fn read(chunk: Vec<Message>) -> (Vec<Read>, Vec<Settled>) {
    let mut jobs = Vec::with_capacity(chunk.len());
    let mut settled = Vec::new();
    for message in chunk {
        match Job::parse(&message.body).and_then(|job| Ok((job.event()?, job))) {
            Ok((event, job)) => jobs.push(Read {
                message,
                job,
                event,
                lane: None,
            }),
            Err(error) => {
                let reason = match error {
                    UnreadableJob::NewerVersion(_) => Reason::NewerVersion,
                    UnreadableJob::Malformed(_) => Reason::Unreadable,
                };
                let verdict = Verdict::Dead {
                    reason,
                    detail: error.to_string(),
                };
                settled.push(Settled {
                    message,
                    key: None,
                    verdict,
                });
            }
        }
    }
    (jobs, settled)
}

/// Looks at where jobs go, and claims those that need not wait, in two grouped statements. The
/// claim comes last: what fails before it leaves no claim behind that would keep this
/// very process out.
pub(crate) async fn consult<C: Channel>(
    sender: &Sender<C>,
    jobs: &[Read],
) -> Result<Known, StoreError> {
    let (store, service) = (&sender.store, sender.service);
    let destinations: Vec<DestinationId> = jobs.iter().filter_map(Read::destination).collect();
    let Surroundings {
        settings,
        places,
        lines,
        pauses,
    } = store.surroundings(service, &destinations).await?;
    let wait = |read: &Read| {
        let destination = read.destination()?;
        match places.get(&destination) {
            Some(Place::Resting { until }) => Some(Some(*until)),
            // Nothing is worth waiting for there.
            Some(Place::Disabled | Place::Gone) => None,
            _ if pauses.contains_key(&destination) => Some(pauses.get(&destination).copied()),
            // Whoever comes from the line has no one before it.
            _ if read.is_from_queue() && lines.contains(&destination) => Some(None),
            _ => None,
        }
    };
    let mut waits: Vec<Option<Option<DateTime<Utc>>>> = jobs.iter().map(wait).collect();
    let paces = paces(sender, jobs, &mut waits).await?;
    let attempts: Vec<Attempt> = jobs
        .iter()
        .zip(&waits)
        .filter(|(_, wait)| wait.is_none())
        .map(|(read, _)| read.attempt(service, sender.timeout))
        .collect();
    let claims = if C::LEDGER {
        sender.metrics.grouped(Statement::Claim, attempts.len());
        store.claim(&attempts).await?
    } else {
        vec![Claim::Granted; attempts.len()]
    };
    let mut asked = claims.into_iter().zip(attempts).zip(paces);
    let standings = waits.into_iter().filter_map(|wait| match wait {
        Some(due) => Some(Standing::Waits(due)),
        None => asked
            .next()
            .map(|((claim, attempt), wait)| Standing::Asked(claim, place(&places, &attempt), wait)),
    });
    Ok(Known {
        standings: standings.collect(),
        settings: Arc::new(settings),
    })
}

/// How long each job that need not wait otherwise waits for its destination's rate. One whose
/// turn is too far off waits in line as well.
async fn paces<C: Channel>(
    sender: &Sender<C>,
    jobs: &[Read],
    waits: &mut [Option<Option<DateTime<Utc>>>],
) -> Result<Vec<Duration>, StoreError> {
    let ready = |(index, wait): (usize, &Option<_>)| wait.is_none().then_some(index);
    let ready: Vec<usize> = waits.iter().enumerate().filter_map(ready).collect();
    let destinations: Vec<_> = ready
        .iter()
        .map(|index| jobs[*index].destination())
        .collect();
    let mut paces = Vec::with_capacity(ready.len());
    for (index, pace) in ready
        .into_iter()
        .zip(rate::reserve(&sender.store, sender.interval, &destinations).await?)
    {
        match pace {
            Pace::After(wait) => paces.push(wait),
            Pace::Park(due) => waits[index] = Some(Some(due)),
        }
    }
    Ok(paces)
}

fn place(places: &HashMap<DestinationId, Place>, attempt: &Attempt) -> Place {
    attempt
        .destination
        .and_then(|id| places.get(&id).cloned())
        .unwrap_or(Place::Gone)
}

/// Sorts jobs into tasks and messages that need no attempt now.
pub(crate) fn sort(jobs: Vec<Read>, known: Known) -> Intake {
    let mut intake = Intake::default();
    for (read, standing) in jobs.into_iter().zip(known.standings) {
        let Read {
            message,
            job,
            event,
            lane,
        } = read;
        let verdict = match standing {
            Standing::Asked(Claim::Granted, place, wait) => {
                let settings = Arc::clone(&known.settings);
                let task = Task {
                    job,
                    event,
                    place,
                    settings,
                    wait,
                };
                intake.tasks.push(Ready {
                    message,
                    task,
                    lane,
                });
                continue;
            }
            Standing::Asked(Claim::AlreadyDone(_) | Claim::AttemptRecorded, ..) => Verdict::Known,
            Standing::Asked(Claim::InProgress, ..) => Verdict::Later,
            Standing::Waits(due) => Verdict::Park(due),
        };
        let key = Some(Key::of(&job, &event));
        intake.settled.push(Settled {
            message,
            key,
            verdict,
        });
    }
    intake
}

impl Read {
    /// Itself with a place in its destination's lane, if it needs one; none if it has to wait
    /// for one, in the waiting room.
    pub(crate) fn enter(mut self, lanes: &Arc<Lanes>, waiting: &WaitingRoom<Self>) -> Option<Self> {
        let Some(destination) = self.destination() else {
            return Some(self);
        };
        if !self.is_from_queue() {
            self.lane = Some(lanes.enter_from_line(destination));
            return Some(self);
        }
        let (read, lane) = waiting.enter(lanes, destination, self)?;
        Some(read.inside(lane))
    }

    /// Itself with its place in its destination's lane.
    pub(crate) fn inside(mut self, lane: Occupied) -> Self {
        self.lane = Some(lane);
        self
    }

    /// Not attempted now: it waits in its destination's line.
    pub(crate) fn parked(self) -> Settled {
        Settled {
            key: Some(Key::of(&self.job, &self.event)),
            message: self.message,
            verdict: Verdict::Park(None),
        }
    }

    fn destination(&self) -> Option<DestinationId> {
        Some(self.job.to.address()?.destination)
    }

    const fn is_from_queue(&self) -> bool {
        matches!(self.message.origin, Origin::Queue(_))
    }

    fn attempt(&self, service: Service, timeout: Duration) -> Attempt {
        let address = self.job.to.address();
        Attempt {
            job: self.job.id,
            attempt: self.message.attempt(),
            service,
            event_source: self.event.source.clone(),
            event_id: self.event.id.clone(),
            event_name: self.event.name.as_str().to_owned(),
            channel: self.job.to.channel(),
            recipient: address.and_then(|address| Some(address.recipient.as_ref()?.id)),
            destination: address.map(|address| address.destination),
            lease: lease(timeout),
        }
    }
}
