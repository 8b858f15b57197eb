//! Jobs that are held back: taken from the queue, kept, acknowledged. Every replica does.

use std::collections::BTreeMap;

use chassis::broker::{Consumer, Incoming};
use chassis::health::Part;
use chassis::reconnect::{until_final, until_ok};
use proto_events::job::UnreadableJob;
use proto_events::{Job, Reason, Service, ids};
use serde_json::json;
use store::scheduling::held::NewHeld;
use store::{DeadLetter, Store, StoreError};
use tokio_util::sync::CancellationToken;

/// How many jobs are kept in one statement.
const CHUNK: usize = 500;

/// Keeps jobs until the service is to stop.
pub(crate) async fn keep_jobs(store: Store, database: Part, mut consumer: Consumer) {
    while let Some(chunk) = consumer.chunk(CHUNK).await {
        let mut held = Vec::with_capacity(chunk.len());
        let mut dead = Vec::new();
        for message in &chunk {
            match read(message) {
                Ok(job) => held.push(job),
                Err((reason, detail)) => dead.push(dead_letter(message, reason, detail)),
            }
        }
        let never = CancellationToken::new();
        let kept = until_final(&database, &never, StoreError::is_temporary, || {
            store.hold_back(&held)
        });
        if let Some(Err(error)) = kept.await {
            tracing::error!(%error, "the database refuses to keep jobs; the broker delivers them again");
            continue;
        }
        until_ok(&database, &never, || store.file_dead_letters(&dead)).await;
        chunk.into_iter().for_each(|message| message.ack.ack());
    }
    consumer.close().await;
}

fn read(message: &Incoming) -> Result<NewHeld, (Reason, String)> {
    if message.given_up {
        // Reading it may be what crashed its readers.
        return Err((Reason::DeliveryLimit, message.why_given_up()));
    }
    let unreadable = |problem: UnreadableJob| match problem {
        UnreadableJob::NewerVersion(_) => (Reason::NewerVersion, problem.to_string()),
        UnreadableJob::Malformed(_) => (Reason::Unreadable, problem.to_string()),
    };
    let job = Job::parse(&message.body).map_err(unreadable)?;
    job.event().map_err(|problem| unreadable(problem.into()))?;
    let channel = job.to.channel();
    let address = job.to.address().filter(|_| channel.can_wait());
    let (Some(address), Some(due)) = (address, job.window) else {
        let detail = format!(
            "a job for {channel} that says not until when it is held back, or cannot be; it belongs under the routing key {channel}"
        );
        return Err((Reason::Unreadable, detail));
    };
    Ok(NewHeld {
        job: job.id,
        digest: ids::digest(channel, address, due),
        due,
        body: message.body.clone(),
        traceparent: message.headers.traceparent.clone(),
    })
}

fn dead_letter(message: &Incoming, reason: Reason, detail: String) -> DeadLetter {
    tracing::warn!(
        reason = reason.as_str(),
        detail,
        "a message is no job that could be held back; see the dead letters"
    );
    let texts: BTreeMap<_, _> = message.texts.iter().cloned().collect();
    DeadLetter {
        service: Service::Scheduler,
        job: message.message_id.as_deref().and_then(|id| id.parse().ok()),
        event: None,
        destination: None,
        body: message.body.clone(),
        headers: json!({
            "attempt": message.headers.attempt,
            "first_published": message.headers.first_published,
            "content_type": message.content_type,
            "traceparent": message.headers.traceparent,
            "headers": texts,
        }),
        reason,
        detail,
    }
}
