//! What was held back and is due now: decided, looked at again, published, marked, in this order.
//! Whoever dies in between leaves something that is published again under the same id.

use chassis::broker::{Headers, Outgoing, Published, Publisher};
use chrono::{DateTime, Utc};
use proto_events::job::{self, UnreadableJob};
use proto_events::{Event, Job, JobId, Names, Reason, Service};
use rules::{Directory, Facts, Policy, Recheck};
use serde_json::json;
use store::scheduling::held::{Dropped, HeldJob};
use store::{DeadLetter, Store};

use crate::digest::Draft;
use crate::run::RunError;

/// Publishes what was held back.
pub struct Holding<'a> {
    /// Where it is kept.
    pub store: &'a Store,
    /// The way to the broker.
    pub publisher: &'a Publisher,
    /// The names there.
    pub names: &'a Names,
    /// What a recipient gets who may not view the object.
    pub policy: &'a Policy,
}

/// What came of what was due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Released {
    /// Messages about several events.
    pub digests: u64,
    /// Messages about one, which came out as they were.
    pub singles: u64,
    /// Jobs that are not told, by the reason.
    pub dropped: Vec<Dropped>,
}

/// A message that is to be published, and what of it is not told.
struct Due {
    id: JobId,
    is_digest: bool,
    outgoing: Option<Outgoing>,
    dropped: Vec<(JobId, Dropped)>,
    letters: Vec<DeadLetter>,
}

impl Holding<'_> {
    /// Publishes everything that is due at a moment.
    ///
    /// # Errors
    /// If database or broker fail, or no queue takes a channel's jobs; what was not marked is
    /// published again then.
    pub async fn release(&self, now: DateTime<Utc>) -> Result<Released, RunError> {
        let mut released = Released::default();
        while self.store.put_together(now).await? > 0 {}
        let mut messages = self.store.put_together_before().await?;
        if messages.is_empty() {
            return Ok(released);
        }
        let directory = Directory::new(self.store.load_directory().await?);
        while !messages.is_empty() {
            let mut all = Vec::with_capacity(messages.len());
            for id in messages {
                all.push(self.due(id, &directory, now).await?);
            }
            self.publish(all, &mut released).await?;
            messages = self.store.put_together_before().await?;
        }
        Ok(released)
    }

    /// Makes a message of what it was decided to hold.
    async fn due(
        &self,
        id: JobId,
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> Result<Due, RunError> {
        let mut due = Due {
            id,
            is_digest: false,
            outgoing: None,
            dropped: Vec::new(),
            letters: Vec::new(),
        };
        let mut draft = Draft::default();
        let mut after = 0;
        loop {
            let page = self.store.held_jobs(id, after).await?;
            for held in &page {
                after = held.sequence;
                let Some(job) = self.looked_at_again(held, directory, &mut due) else {
                    continue;
                };
                if held.job == id {
                    let headers = Headers::first(now.timestamp_millis(), held.traceparent.clone());
                    due.outgoing = Some(self.outgoing(&job, headers)?);
                    return Ok(due);
                }
                draft.add(job);
            }
            if page.is_empty() || draft.is_full() {
                break;
            }
        }
        draft.leave_out(self.store.held_after(id, after).await?);
        let headers = Headers::first(now.timestamp_millis(), None);
        if let Some(job) = draft.finish(id)? {
            due.is_digest = true;
            due.outgoing = Some(self.outgoing(&job, headers)?);
        }
        Ok(due)
    }

    /// The job, if its recipient is still there and may still view its object.
    fn looked_at_again(&self, held: &HeldJob, directory: &Directory, due: &mut Due) -> Option<Job> {
        let read = Job::parse(&held.body).and_then(|job| Ok((job.event()?, job)));
        let (event, job): (Event, Job) = match read {
            Ok(read) => read,
            Err(problem) => {
                due.dropped.push((held.job, Dropped::Dead));
                due.letters.push(unreadable(held, &problem));
                return None;
            }
        };
        let recipient = job.to.address().and_then(|to| to.recipient.as_ref());
        let again = recipient.map_or(
            Recheck::Tell {
                redacted: job.redacted,
            },
            |person| {
                let facts = Facts::from(&event);
                directory.recheck(self.policy, &facts, person.id, job.redacted)
            },
        );
        let why = match again {
            Recheck::Tell { redacted } => return Some(Job { redacted, ..job }),
            Recheck::RecipientGone => Dropped::RecipientGone,
            Recheck::AccessLost => Dropped::AccessLost,
        };
        tracing::info!(job.id = %held.job, reason = why.as_str(), "what was held back is not told any more");
        due.dropped.push((held.job, why));
        None
    }

    fn outgoing(&self, job: &Job, headers: Headers) -> Result<Outgoing, serde_json::Error> {
        Ok(Outgoing {
            exchange: self.names.jobs(),
            routing_key: job.to.channel().as_str().to_owned(),
            content_type: job::CONTENT_TYPE,
            message_id: job.id.to_string(),
            headers,
            body: serde_json::to_vec(job)?,
        })
    }

    /// Publishes messages and marks those that the broker has; what it never takes is filed.
    async fn publish(&self, all: Vec<Due>, released: &mut Released) -> Result<(), RunError> {
        let messages: Vec<Outgoing> = all.iter().filter_map(|due| due.outgoing.clone()).collect();
        let mut answers = self.publisher.publish(&messages).await?.into_iter();
        let mut unroutable = None;
        for mut due in all {
            if let Some(message) = due.outgoing.take() {
                match answers.next() {
                    Some(Published::Confirmed) if due.is_digest => released.digests += 1,
                    Some(Published::Confirmed) => released.singles += 1,
                    Some(Published::Refused(words)) => {
                        due.letters.push(refused(due.id, message, &words));
                    }
                    Some(Published::Unroutable) | None => {
                        unroutable = Some(message.exchange);
                        continue;
                    }
                }
            }
            self.store.file_dead_letters(&due.letters).await?;
            self.store.done_with_held(due.id, &due.dropped).await?;
            released
                .dropped
                .extend(due.dropped.iter().map(|(_, why)| *why));
        }
        unroutable.map_or(Ok(()), |exchange| Err(RunError::Unroutable(exchange)))
    }
}

fn unreadable(held: &HeldJob, problem: &UnreadableJob) -> DeadLetter {
    DeadLetter {
        service: Service::Scheduler,
        job: Some(held.job),
        event: None,
        destination: None,
        body: held.body.clone(),
        headers: json!({ "traceparent": held.traceparent }),
        reason: match problem {
            UnreadableJob::NewerVersion(_) => Reason::NewerVersion,
            UnreadableJob::Malformed(_) => Reason::Unreadable,
        },
        detail: problem.to_string(),
    }
}

fn refused(id: JobId, message: Outgoing, words: &str) -> DeadLetter {
    DeadLetter {
        service: Service::Scheduler,
        job: Some(id),
        event: None,
        destination: None,
        body: message.body,
        headers: json!({}),
        reason: Reason::TooLarge,
        detail: format!("the broker refuses to take it: {words}"),
    }
}
