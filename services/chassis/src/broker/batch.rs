//! One batch of messages on one session.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, Ready, ready};
use lapin::message::Delivery;
use lapin::options::BasicPublishOptions;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::{Channel, Confirmation, ErrorKind, PublisherConfirm};

use super::message::Sending;
use super::session::Session;

/// How long the broker may take over the next message of a batch.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether the broker blocks the connection (an alarm).
const LOOK: Duration = Duration::from_secs(1);

/// What the broker said to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has it.
    Confirmed,
    /// No queue is bound for it.
    Unroutable,
    /// It cannot take it now: a queue is full, or has no leader.
    Nacked,
}

/// What became of a batch.
pub(super) struct Report {
    /// In the order of the messages; none for one that may have arrived or not.
    pub(super) answers: Vec<Option<Answer>>,
    /// Why the session is of no more use, if it is not.
    pub(super) lost: Option<Loss>,
}

/// Why a session is of no more use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Loss {
    #[error("{0}")]
    Failed(#[from] lapin::Error),
    #[error("the broker took more than {} s over a message", PATIENCE.as_secs())]
    Silent,
}

impl Loss {
    /// The broker's words if it closed the channel over a message: over one that is too
    /// large or otherwise against its rules, or, if exchanges are `given` and not for this
    /// side to declare, over one to an exchange that is not there or not open to us.
    pub(super) fn refusal(&self, given: bool) -> Option<String> {
        let Self::Failed(error) = self else {
            return None;
        };
        let ErrorKind::ProtocolError(error) = error.kind() else {
            return None;
        };
        let over_a_message = match error.kind() {
            AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => true,
            AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND | AMQPSoftError::ACCESSREFUSED) => given,
            _ => false,
        };
        over_a_message.then(|| error.get_message().to_string())
    }
}

/// Publishes messages together. No other batch may go on the channel meanwhile: lapin
/// hangs a returned message on whichever confirm comes next, so what came back is known
/// by its id.
pub(super) async fn publish(session: &Session, channel: &Channel, batch: &[Sending<'_>]) -> Report {
    let (mut confirms, mut lost) = send_all(session, channel, batch).await;
    let last = match confirms.pop() {
        Some(last) => Some(expect(last).await),
        None => None,
    };
    let confirms = confirms.into_iter().map(Either::Right).chain(last);
    let mut answers = vec![None; batch.len()];
    let mut returned = HashSet::new();
    for (answer, confirm) in answers.iter_mut().zip(confirms) {
        let confirmation = if lost.is_none() {
            patiently(session, confirm).await.map(Some)
        } else {
            // What was said before the loss still holds.
            confirm.now_or_never().transpose().map_err(Loss::from)
        };
        match confirmation {
            Ok(Some(Confirmation::Ack(back))) => {
                *answer = Some(Answer::Confirmed);
                returned.extend(back.as_deref().map(mark));
            }
            Ok(Some(Confirmation::Nack(back))) => {
                *answer = Some(Answer::Nacked);
                returned.extend(back.as_deref().map(mark));
            }
            // The broker's own words come with the message they are about.
            Err(loss) if loss.refusal(true).is_some() || lost.is_none() => lost = Some(loss),
            // Confirms are switched on in every publishing session, so only the loss is left.
            Ok(Some(Confirmation::NotRequested) | None) | Err(_) => {}
        }
    }
    if lost.is_some() && !returned.is_empty() {
        // Another may have come back, on a confirm that never came.
        answers.fill(None);
    }
    if returned.is_empty() {
        return Report { answers, lost };
    }
    for (answer, Sending { message, .. }) in answers.iter_mut().zip(batch) {
        let mark = (message.wire_id().to_string(), message.routing_key.clone());
        if *answer == Some(Answer::Confirmed) && returned.contains(&mark) {
            *answer = Some(Answer::Unroutable);
        }
    }
    Report { answers, lost }
}

/// Puts messages onto the wire; gives back the confirms to wait for, fewer if the session
/// is lost meanwhile.
async fn send_all(
    session: &Session,
    channel: &Channel,
    batch: &[Sending<'_>],
) -> (Vec<PublisherConfirm>, Option<Loss>) {
    // Every one begins before the first is waited for, so that they go together.
    let sends: Vec<_> = batch
        .iter()
        .map(|sending| begin(Box::pin(send(channel, *sending))))
        .collect();
    let mut confirms = Vec::with_capacity(batch.len());
    for send in sends {
        match patiently(session, send).await {
            Ok(confirm) => confirms.push(confirm),
            Err(loss) => return (confirms, Some(loss)),
        }
    }
    (confirms, None)
}

/// A future after its first step.
type Begun<F> = Either<Ready<<F as Future>::Output>, F>;

fn begin<F: Future + Unpin>(mut future: F) -> Begun<F> {
    match (&mut future).now_or_never() {
        Some(output) => Either::Left(ready(output)),
        None => Either::Right(future),
    }
}

/// Gives the broker a moment for the last confirm, which mostly comes last: waking up once
/// is cheaper than for every one before it.
async fn expect(mut last: PublisherConfirm) -> Begun<PublisherConfirm> {
    match tokio::time::timeout(LOOK, &mut last).await {
        Ok(output) => Either::Left(ready(output)),
        Err(_) => Either::Right(last),
    }
}

async fn send(channel: &Channel, sending: Sending<'_>) -> lapin::Result<PublisherConfirm> {
    let message = sending.message;
    channel
        .basic_publish(
            message.exchange.as_str().into(),
            message.routing_key.as_str().into(),
            BasicPublishOptions {
                mandatory: true,
                ..Default::default()
            },
            &message.body,
            sending.properties(),
        )
        .await
}

/// What a returned message is known by.
fn mark(back: &Delivery) -> (String, String) {
    let id = back.properties.message_id().as_ref();
    (
        id.map(ToString::to_string).unwrap_or_default(),
        back.routing_key.to_string(),
    )
}

/// Waits for the broker. While it blocks the connection it has all the time it needs.
async fn patiently<T>(
    session: &Session,
    work: impl Future<Output = lapin::Result<T>>,
) -> Result<T, Loss> {
    let work = session.unless_ended(work);
    tokio::pin!(work);
    let mut left = PATIENCE;
    while !left.is_zero() {
        match tokio::time::timeout(LOOK, &mut work).await {
            Ok(result) => return Ok(result?),
            Err(_) if session.connection.status().blocked() => left = PATIENCE,
            Err(_) => left = left.saturating_sub(LOOK),
        }
    }
    Err(Loss::Silent)
}
