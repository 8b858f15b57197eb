//! From messages to attempts, and from attempts to verdicts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chassis::reconnect::until_ok;
use chassis::trace::{Span, carrying};
use futures_util::FutureExt;
use proto_events::{Job, Outcome, Reason};
use store::Place;
use tokio::sync::OwnedSemaphorePermit;

use crate::channel::{Channel, Task};
use crate::intake::{self, Intake, Read, Ready};
use crate::lanes::Occupied;
use crate::message::Message;
use crate::sender::Sender;
use crate::spans::told;
use crate::verdict::{Key, Settled, Verdict};

/// A message whose attempt is under way.
struct UnderWay {
    message: Message,
    key: Key,
    lane: Option<Occupied>,
    span: Span,
}

impl<C: Channel> Sender<C> {
    /// Reads a chunk, claims what finds room in its destination's lane, and starts attempts.
    /// The rest waits for room elsewhere and without an attempt slot, so that nobody waits for it.
    pub(crate) async fn take_in(
        self: Arc<Self>,
        chunk: Vec<Message>,
        permits: Option<OwnedSemaphorePermit>,
        turn: OwnedSemaphorePermit,
    ) {
        let (jobs, unreadable) = intake::read(chunk);
        for settled in unreadable {
            self.outcomes.settle(settled).await;
        }
        let jobs = jobs.into_iter();
        let entered = jobs.filter_map(|job| job.enter(&self.lanes, &self.waiting));
        let entered = entered.collect();
        self.handle(entered, permits, turn).await;
    }

    /// Claims jobs and starts their attempts.
    pub(crate) async fn handle(
        self: Arc<Self>,
        jobs: Vec<Read>,
        mut permits: Option<OwnedSemaphorePermit>,
        turn: OwnedSemaphorePermit,
    ) {
        if jobs.is_empty() {
            return;
        }
        let known = until_ok(&self.database, &self.stop, || intake::consult(&self, &jobs));
        let Intake { tasks, settled } = match known.await {
            Some(known) => intake::sort(jobs, known),
            // Stopping while the database is away: the messages are handed back.
            None => Intake::default(),
        };
        drop(turn);
        for settled in settled {
            self.outcomes.settle(settled).await;
        }
        let (mut batch, mut wait) = (Vec::new(), Duration::ZERO);
        for Ready {
            mut message,
            task,
            lane,
        } in tasks
        {
            let key = Key::of(&task.job, &task.event);
            let span = self.process(&message, &key);
            message.headers = message.headers.below(&span);
            wait = wait.max(task.wait);
            match self.prepare(task) {
                Ok(job) => {
                    let under_way = UnderWay {
                        message,
                        key,
                        lane,
                        span,
                    };
                    batch.push((under_way, job));
                }
                Err(outcome) => {
                    let verdict = Verdict::Attempted(outcome);
                    self.outcomes
                        .settle(Settled {
                            message,
                            key: Some(key),
                            verdict,
                        })
                        .await;
                }
            }
            if batch.len() == C::BATCH {
                let batch = std::mem::take(&mut batch);
                self.start(batch, std::mem::take(&mut wait), &mut permits);
            }
        }
        if !batch.is_empty() {
            self.start(batch, wait, &mut permits);
        }
    }

    /// Makes of a task what is sent; a panic ends the attempt, not the service.
    fn prepare(&self, task: Task) -> Result<C::Job, Outcome> {
        at_home(&task.place, &task.job)?;
        catch_unwind(AssertUnwindSafe(|| self.channel.prepare(task))).unwrap_or_else(|_| {
            Err(Outcome::retry(
                Reason::Internal,
                "making the message panicked; the log has the place",
            ))
        })
    }

    /// Starts attempts that go together, after a wait.
    fn start(
        self: &Arc<Self>,
        mut batch: Vec<(UnderWay, C::Job)>,
        wait: Duration,
        permits: &mut Option<OwnedSemaphorePermit>,
    ) {
        let lanes = batch.iter_mut().filter_map(|(it, _)| it.lane.as_mut());
        lanes.for_each(Occupied::attempting);
        let slots = permits
            .as_mut()
            .and_then(|permits| permits.split(batch.len()));
        let sender = Arc::clone(self);
        self.attempts.spawn(async move {
            let (messages, jobs): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            let attempt = async {
                // A sleep of no time at all takes until the timer's next tick, a millisecond.
                if !wait.is_zero() {
                    tokio::time::sleep(wait).await;
                }
                sender.traced(&messages, &jobs).await
            };
            let outcomes = tokio::select! {
                outcomes = attempt => outcomes,
                // Handed back; the claim stands until its lease is over, since nobody knows how far it came.
                () = sender.cut.cancelled() => return,
            };
            for (under_way, outcome) in messages.into_iter().zip(outcomes) {
                let UnderWay {
                    message,
                    key,
                    lane,
                    span: _ending,
                } = under_way;
                if let Some(lane) = lane {
                    lane.attempted();
                }
                let verdict = Verdict::Attempted(outcome);
                sender
                    .outcomes
                    .settle(Settled {
                        message,
                        key: Some(key),
                        verdict,
                    })
                    .await;
            }
            drop(slots);
        });
    }

    /// One attempt, with a span for each job. What leaves over HTTP carries the first one's
    /// context: those that go together stay in the house.
    async fn traced(&self, messages: &[UnderWay], jobs: &[C::Job]) -> Vec<Outcome> {
        let calls: Vec<Span> = messages.iter().map(|it| self.call(&it.message)).collect();
        let first = messages.first().zip(calls.first());
        let context = first.and_then(|(it, call)| {
            let own = || it.message.headers.traceparent.clone();
            call.traceparent().or_else(own)
        });
        let outcomes = carrying(context, self.attempt(jobs)).await;
        for (call, outcome) in calls.into_iter().zip(&outcomes) {
            told(call, outcome);
        }
        outcomes
    }

    /// One attempt under its deadline; a panic ends the attempt, not the service.
    async fn attempt(&self, jobs: &[C::Job]) -> Vec<Outcome> {
        let started = Instant::now();
        let in_flight = i64::try_from(jobs.len()).unwrap_or(i64::MAX);
        self.metrics.in_flight.add(in_flight);
        let work = AssertUnwindSafe(self.channel.deliver_many(jobs)).catch_unwind();
        let result = tokio::time::timeout(self.timeout, work).await;
        self.metrics.in_flight.sub(in_flight);
        self.metrics
            .seconds
            .observe(started.elapsed().as_secs_f64());
        let failed = |reason, detail: &str| vec![Outcome::retry(reason, detail); jobs.len()];
        match result {
            Ok(Ok(outcomes)) if outcomes.len() == jobs.len() => outcomes,
            Ok(Ok(_)) => failed(
                Reason::Internal,
                "the channel gave fewer outcomes than it had jobs",
            ),
            Ok(Err(_)) => failed(
                Reason::Internal,
                "the attempt panicked; the log has the place",
            ),
            Err(_) => failed(
                Reason::Timeout,
                &format!(
                    "no outcome within {} s (DD_ATTEMPT_TIMEOUT)",
                    self.timeout.as_secs()
                ),
            ),
        }
    }
}

/// Whether a place is what its job was made for: readable, and still that person's.
fn at_home(place: &Place, job: &Job) -> Result<(), Outcome> {
    match place {
        // Waits until somebody gives the service the key.
        Place::Sealed(problem) => Err(Outcome::retry(Reason::NotConfigured, problem.to_string())),
        Place::Webhook(endpoint) => {
            let meant = job
                .to
                .address()
                .and_then(|address| Some(address.recipient.as_ref()?.id));
            if endpoint.owner.as_ref().map(|owner| owner.id) == meant {
                Ok(())
            } else {
                Err(Outcome::rejected(
                    Reason::RecipientGone,
                    "the endpoint belongs to somebody else now",
                ))
            }
        }
        _ => Ok(()),
    }
}
