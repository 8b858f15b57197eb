//! What is to be done for the messages of a chunk.

use chassis::broker::{Incoming, Outgoing};
use chassis::ladder::GIVE_UP_AFTER;
use chrono::Utc;
use proto_events::{Job, Names, Reason, job};
use store::{DeadLetter, EventRecord};

use crate::ruling::{Bench, Told, dead_letter};
use crate::sending::{Made, Sent};

/// Room for what a job holds beside its event.
const ENVELOPE: usize = 256;

/// What a chunk comes to. Places are those of messages in the chunk.
#[derive(Default)]
pub(crate) struct Work {
    /// Decided events, by place.
    pub(crate) told: Vec<(usize, Box<Told>)>,
    /// What is remembered of them.
    pub(crate) records: Vec<EventRecord>,
    /// Copies for the ladder, by place.
    pub(crate) waiting: Vec<(usize, Outgoing)>,
    /// What is given up of them after all.
    pub(crate) dead: Vec<DeadLetter>,
}

impl Work {
    /// Adds a decided event.
    pub(crate) fn tell(&mut self, place: usize, mut told: Box<Told>) {
        self.records.extend(told.record.take());
        self.told.push((place, told));
    }

    /// The jobs of every event, by place, each made into a message when it is asked for.
    pub(crate) fn jobs(&self, names: &Names) -> impl Iterator<Item = (usize, Made)> {
        let exchange = names.jobs();
        let jobs = self
            .told
            .iter()
            .flat_map(|(place, told)| told.jobs.iter().map(move |job| (*place, told, job)));
        jobs.map(move |(place, told, job)| (place, outgoing(&exchange, told, job)))
    }

    /// Looks through what became of the jobs, by place. An event whose jobs came back without
    /// a queue waits on the ladder and is decided again; the jobs that were taken are known by
    /// their ids. One with a job that can never be published is given up.
    pub(crate) fn find_unpublished(&mut self, bench: &Bench, chunk: &[Incoming], sent: &[Sent]) {
        for (place, mut told) in std::mem::take(&mut self.told) {
            let message = &chunk[place];
            let Sent {
                unroutable,
                refusal,
            } = &sent[place];
            if let Some((reason, detail)) = refusal {
                told.span.fail(reason.as_str(), detail.clone());
                let letter = dead_letter(message, Some(told.event), *reason, detail.clone());
                self.dead.push(letter);
            } else if *unroutable > 0 {
                let exchange = bench.names.jobs();
                let detail = format!(
                    "{unroutable} of {} jobs came back: exchange {exchange} has no queue for them",
                    told.jobs.len()
                );
                told.span.fail("unroutable", detail.clone());
                let age = message.headers.age(Utc::now());
                if age.is_some_and(|age| age >= GIVE_UP_AFTER) {
                    let letter = dead_letter(message, Some(told.event), Reason::Expired, detail);
                    self.dead.push(letter);
                } else {
                    let (_, id) = &told.event;
                    tracing::error!(event.id = id, detail, "the event waits and is routed again");
                    self.waiting
                        .push((place, bench.copy(message, id, &told.raw)));
                }
            }
        }
    }

    /// Looks through what became of the copies, by place: what cannot wait is kept as a dead
    /// letter rather than lost.
    pub(crate) fn find_stranded(&mut self, names: &Names, chunk: &[Incoming], sent: Vec<Sent>) {
        for (message, sent) in chunk.iter().zip(sent) {
            let why = match sent.refusal {
                None if sent.unroutable == 0 => continue,
                None => {
                    let exchange = names.retry();
                    let detail = format!(
                        "it should wait, but exchange {exchange} has no queue for it; run notifyctl topology apply"
                    );
                    (Reason::Internal, detail)
                }
                Some(why) => why,
            };
            self.dead.push(dead_letter(message, None, why.0, why.1));
        }
    }
}

fn outgoing(exchange: &str, event: &Told, job: &Job) -> Made {
    let mut body = Vec::with_capacity(job.event.get().len() + ENVELOPE);
    serde_json::to_writer(&mut body, job)?;
    Ok(Outgoing {
        exchange: exchange.to_owned(),
        routing_key: match job.window {
            Some(_) => Names::SCHEDULED.to_owned(),
            None => job.to.channel().as_str().to_owned(),
        },
        content_type: job::CONTENT_TYPE,
        message_id: job.id.to_string(),
        headers: event.headers.clone(),
        body,
    })
}
