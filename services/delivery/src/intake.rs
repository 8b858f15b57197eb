//! From a chunk of messages to claimed tasks.

use std::sync::Arc;
use std::time::Duration;

use chassis::broker::Incoming;
use proto_events::{Job, Reason, job::UnreadableJob};
use store::{Attempt, Claim, Place, Store, StoreError};

use crate::channel::{Channel, Task};
use crate::settle::{Settled, Verdict};

/// Time beyond an attempt's deadline for which its claim stands, so that writing its
/// outcome down is covered too.
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// What a chunk comes to: tasks to attempt, and messages that are settled without one.
#[derive(Default)]
pub(crate) struct Intake {
    pub(crate) tasks: Vec<(Incoming, Task)>,
    pub(crate) settled: Vec<Settled>,
}

/// Reads the jobs of a chunk; what cannot be read is settled as such.
pub(crate) fn read(
    chunk: Vec<Incoming>,
) -> (Vec<(Incoming, Job, proto_events::Event)>, Vec<Settled>) {
    let mut jobs = Vec::with_capacity(chunk.len());
    let mut settled = Vec::new();
    for message in chunk {
        let read = Job::parse(&message.body).and_then(|job| Ok((job.event()?, job)));
        match read {
            Ok((event, job)) => jobs.push((message, job, event)),
            Err(error) => {
                let reason = match error {
                    UnreadableJob::NewerVersion(_) => Reason::NewerVersion,
                    UnreadableJob::Malformed(_) => Reason::Unreadable,
                };
                settled.push(Settled {
                    message,
                    key: None,
                    verdict: Verdict::Dead {
                        reason,
                        detail: error.to_string(),
                    },
                });
            }
        }
    }
    (jobs, settled)
}

/// Claims the jobs and reads where they go, in grouped statements.
pub(crate) async fn claim<C: Channel>(
    store: &Store,
    service: proto_events::Service,
    timeout: Duration,
    jobs: &[(Incoming, Job, proto_events::Event)],
) -> Result<(Vec<Claim>, Vec<Place>, Arc<store::DeliverySettings>), StoreError> {
    let attempts: Vec<Attempt> = jobs
        .iter()
        .map(|(message, job, event)| attempt(service, timeout, message, job, event))
        .collect();
    let claims = if C::LEDGER {
        store.claim(&attempts).await?
    } else {
        vec![Claim::Granted; jobs.len()]
    };
    let destinations: Vec<i64> = attempts
        .iter()
        .filter_map(|attempt| attempt.destination)
        .collect();
    let places = store.destinations(&destinations).await?;
    let places = attempts
        .iter()
        .map(|attempt| {
            attempt
                .destination
                .and_then(|id| places.get(&id).cloned())
                .unwrap_or(Place::Gone)
        })
        .collect();
    Ok((claims, places, Arc::new(store.delivery_settings().await?)))
}

/// Sorts claimed jobs into tasks and messages that need no attempt.
pub(crate) fn sort(
    jobs: Vec<(Incoming, Job, proto_events::Event)>,
    claims: Vec<Claim>,
    places: Vec<Place>,
    settings: &Arc<store::DeliverySettings>,
) -> Intake {
    let mut intake = Intake::default();
    for (((message, job, event), claim), place) in jobs.into_iter().zip(claims).zip(places) {
        let verdict = match claim {
            Claim::Granted => {
                intake.tasks.push((
                    message,
                    Task {
                        job,
                        event,
                        place,
                        settings: Arc::clone(settings),
                    },
                ));
                continue;
            }
            Claim::AlreadyDone(_) | Claim::AttemptRecorded => Verdict::Known,
            Claim::InProgress => Verdict::Later,
        };
        intake.settled.push(Settled {
            message,
            key: Some(crate::settle::Key::of(&job, &event)),
            verdict,
        });
    }
    intake
}

fn attempt(
    service: proto_events::Service,
    timeout: Duration,
    message: &Incoming,
    job: &Job,
    event: &proto_events::Event,
) -> Attempt {
    let address = job.to.address();
    Attempt {
        job: job.id,
        attempt: i32::try_from(message.headers.attempt).unwrap_or(i32::MAX),
        service,
        event_source: event.source.clone(),
        event_id: event.id.clone(),
        event_name: event.name.as_str().to_owned(),
        channel: job.to.channel(),
        recipient: address.and_then(|address| Some(address.recipient.as_ref()?.id)),
        destination: address.map(|address| address.destination),
        lease: timeout + LEASE_MARGIN,
    }
}
