//! What was decided and has not been sent: in line before its destination, or held back.

use std::collections::BTreeSet;

use proto_events::{Address, JobId, Recipient, Service, Target, ids};
use store::browse::{DestinationOf, HeldBack, ParkedJob};
use store::{Hold, Pause};

use crate::app::App;
use crate::refusal::Refusal;

/// What waits, and what it waits for.
#[derive(Default)]
pub(super) struct Waiting {
    /// Where messages of the event may go.
    places: Vec<(JobId, DestinationOf)>,
    pub(super) parked: Vec<ParkedJob>,
    pub(super) held: Vec<HeldBack>,
    /// Pauses of those places, and of their services.
    pub(super) pauses: Vec<Pause>,
    /// Services that a person holds.
    pub(super) holds: Vec<Hold>,
}

impl Waiting {
    /// Looks for what waits of an event. A job that was never attempted is known to its line
    /// alone; but ids of jobs are made of event and destination, so it is found by its id.
    pub(super) async fn read(
        app: &App,
        event: (&str, &str),
        users: &[i64],
        system: bool,
        known: &[JobId],
    ) -> Result<Self, Refusal> {
        let places = app.store.places(users, system).await?;
        let places: Vec<(JobId, DestinationOf)> = places
            .into_iter()
            .filter_map(|place| Some((job_at(event, place)?, place)))
            .collect();
        let made: BTreeSet<JobId> = places.iter().map(|(job, _)| *job).collect();
        let all: Vec<JobId> = made.into_iter().chain(known.iter().copied()).collect();
        let parked = app.store.parked(&all).await?;
        let held = app.store.held_back(&all).await?;
        let waits = |service: Service| parked.iter().any(|job| job.service == service);
        let (mut pauses, mut holds) = (Vec::new(), Vec::new());
        if !parked.is_empty() {
            let at: Vec<i64> = parked.iter().map(|job| job.destination).collect();
            pauses = app.store.pauses_at(&at).await?;
            pauses.retain(|pause| waits(pause.service));
            holds = app.store.holds().await?;
            holds.retain(|hold| waits(hold.service));
        }
        Ok(Self {
            places,
            parked,
            held,
            pauses,
            holds,
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.parked.is_empty() && self.held.is_empty()
    }

    /// Where a job goes.
    pub(super) fn place(&self, job: JobId) -> Option<DestinationOf> {
        let mut places = self.places.iter();
        places
            .find(|(id, _)| id.uuid() == job.uuid())
            .map(|(_, place)| *place)
    }

    /// People and places that it tells of.
    pub(super) fn subjects(&self) -> (BTreeSet<i64>, BTreeSet<i64>) {
        let jobs = self.parked.iter().map(|job| job.job);
        let jobs = jobs.chain(self.held.iter().map(|job| job.job));
        let places: Vec<DestinationOf> = jobs.filter_map(|job| self.place(job)).collect();
        let people = places.iter().filter_map(|place| place.user).collect();
        let lines = self.parked.iter().map(|job| job.destination);
        let places = places.iter().map(|place| place.destination);
        (people, places.chain(lines).collect())
    }
}

/// The job that an event makes for a place.
fn job_at((source, id): (&str, &str), place: DestinationOf) -> Option<JobId> {
    // The name is no part of the id.
    let recipient = |id| Recipient {
        id,
        username: String::new(),
    };
    let address = Address {
        destination: place.destination,
        recipient: place.user.map(recipient),
    };
    Some(ids::job(source, id, &Target::at(place.channel, address)?))
}
