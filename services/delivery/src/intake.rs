//! From a chunk of messages to claimed tasks.

use std::sync::Arc;
use std::time::Duration;

use chassis::broker::Incoming;
use proto_events::{Event, Job, Reason, Service, job::UnreadableJob};
use store::{Attempt, Claim, DeliverySettings, Place, Store, StoreError};

use crate::channel::{Channel, Task};
use crate::verdict::{Key, Settled, Verdict};

/// Time beyond an attempt's deadline for which its claim stands, so that writing its
/// outcome down is covered too.
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// A message that is a job.
pub(crate) struct Read {
    message: Incoming,
    job: Job,
    event: Event,
}

/// What the store knows of jobs, in their order.
pub(crate) struct Known {
    places: Vec<Place>,
    settings: Arc<DeliverySettings>,
    claims: Vec<Claim>,
}

/// What a chunk comes to: tasks to attempt, and messages that are settled without one.
#[derive(Default)]
pub(crate) struct Intake {
    pub(crate) tasks: Vec<(Incoming, Task)>,
    pub(crate) settled: Vec<Settled>,
}

/// Reads the jobs of a chunk; what cannot be read is settled as such.
pub(crate) fn read(chunk: Vec<Incoming>) -> (Vec<Read>, Vec<Settled>) {
    let mut jobs = Vec::with_capacity(chunk.len());
    let mut settled = Vec::new();
    for message in chunk {
        match Job::parse(&message.body).and_then(|job| Ok((job.event()?, job))) {
            Ok((event, job)) => jobs.push(Read {
                message,
                job,
                event,
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

/// Reads where jobs go and claims them, in grouped statements. The claim comes last: what
/// fails before it leaves no claim behind that would keep this very process out.
pub(crate) async fn claim<C: Channel>(
    store: &Store,
    service: Service,
    timeout: Duration,
    jobs: &[Read],
) -> Result<Known, StoreError> {
    let attempts: Vec<Attempt> = jobs
        .iter()
        .map(|read| read.attempt(service, timeout))
        .collect();
    let destinations: Vec<i64> = attempts
        .iter()
        .filter_map(|attempt| attempt.destination)
        .collect();
    let places = store.destinations(&destinations).await?;
    let place = |attempt: &Attempt| {
        attempt
            .destination
            .and_then(|id| places.get(&id).cloned())
            .unwrap_or(Place::Gone)
    };
    Ok(Known {
        places: attempts.iter().map(place).collect(),
        settings: Arc::new(store.delivery_settings().await?),
        claims: if C::LEDGER {
            store.claim(&attempts).await?
        } else {
            vec![Claim::Granted; jobs.len()]
        },
    })
}

/// Sorts claimed jobs into tasks and messages that need no attempt.
pub(crate) fn sort(jobs: Vec<Read>, known: Known) -> Intake {
    let mut intake = Intake::default();
    for (
        (
            Read {
                message,
                job,
                event,
            },
            claim,
        ),
        place,
    ) in jobs.into_iter().zip(known.claims).zip(known.places)
    {
        let verdict = match claim {
            Claim::Granted => {
                let settings = Arc::clone(&known.settings);
                intake.tasks.push((
                    message,
                    Task {
                        job,
                        event,
                        place,
                        settings,
                    },
                ));
                continue;
            }
            Claim::AlreadyDone(_) | Claim::AttemptRecorded => Verdict::Known,
            Claim::InProgress => Verdict::Later,
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
    fn attempt(&self, service: Service, timeout: Duration) -> Attempt {
        let address = self.job.to.address();
        Attempt {
            job: self.job.id,
            attempt: i32::try_from(self.message.headers.attempt).unwrap_or(i32::MAX),
            service,
            event_source: self.event.source.clone(),
            event_id: self.event.id.clone(),
            event_name: self.event.name.as_str().to_owned(),
            channel: self.job.to.channel(),
            recipient: address.and_then(|address| Some(address.recipient.as_ref()?.id)),
            destination: address.map(|address| address.destination),
            lease: timeout + LEASE_MARGIN,
        }
    }
}
