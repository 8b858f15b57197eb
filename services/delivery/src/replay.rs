//! What is published for a dead letter that is to be sent again: for whoever lets people ask for it.

use std::collections::BTreeMap;

use chassis::broker::{Headers, Outgoing};
use chrono::{DateTime, Utc};
use proto_events::{
    Event, EventName, JobId, Kind, Names, Service, directory_change, event, headers, job,
};
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use store::{LetterHead, Standing, Store, StoreError};

/// The routing key of an event or change whose name or kind cannot be read.
const UNKNOWN: &str = "unknown";

/// Bytes of the longest routing key (AMQP 0-9-1, 4.2.5.3 "short string").
const LONGEST_KEY: usize = 255;

/// What becomes of a letter that is to be sent again.
#[derive(Debug)]
pub enum Plan {
    /// It goes out as what it was.
    Send(Outgoing),
    /// Its job has arrived meanwhile. Under its own id ledger and receivers would drop it;
    /// so it may go out under a new one, which makes it arrive a second time.
    Again(Outgoing),
    /// It cannot be sent, for this reason.
    Impossible(String),
}

/// What becomes of a letter; none if somebody dealt with it since it was read.
///
/// # Errors
/// If the database is away.
pub async fn planned(
    store: &Store,
    names: &Names,
    letter: &LetterHead,
) -> Result<Option<Plan>, StoreError> {
    let Some(body) = store.letter_body(letter).await? else {
        return Ok(None);
    };
    let now = Utc::now();
    let Some(channel) = letter.service.channel() else {
        return Ok(Some(match letter.service {
            Service::DirectorySync => change(letter, body, names, now),
            Service::Scheduler => job(letter, body, None, Names::SCHEDULED, names, now),
            _ => event(letter, body, names, now),
        }));
    };
    let known = match job_of(letter, &body) {
        Some(job) => Some((job, store.standing(job).await?)),
        None => None,
    };
    Ok(Some(job(letter, body, known, channel.as_str(), names, now)))
}

/// The job in a letter of a sender, even if no more than its id can be read.
#[must_use]
pub fn job_of(letter: &LetterHead, body: &[u8]) -> Option<JobId> {
    #[derive(Deserialize)]
    struct Identified {
        id: JobId,
    }
    let read = || serde_json::from_slice::<Identified>(body).ok();
    letter.job.or_else(|| Some(read()?.id))
}

/// What is published for a letter of a sender, under a channel's key, or for one of the scheduler,
/// under its own. `standing` is what the ledger knows of its
/// job; none if the letter's job cannot be identified.
fn job(
    letter: &LetterHead,
    body: Vec<u8>,
    known: Option<(JobId, Standing)>,
    key: &str,
    names: &Names,
    now: DateTime<Utc>,
) -> Plan {
    let traceparent = letter.headers["traceparent"].as_str();
    let mut outgoing = Outgoing {
        exchange: names.jobs(),
        routing_key: key.to_owned(),
        content_type: job::CONTENT_TYPE,
        message_id: letter.id.to_string(),
        headers: first(now, traceparent),
        body,
    };
    let Some((job, standing)) = known else {
        return Plan::Send(outgoing);
    };
    if !standing.arrived {
        outgoing.message_id = job.to_string();
        // An attempt that the ledger knows would be taken for a copy.
        let last = u32::try_from(standing.last_attempt).unwrap_or_default();
        outgoing.headers.attempt = last.saturating_add(1);
        return Plan::Send(outgoing);
    }
    let again = standing.latest.replayed();
    match with_id(&outgoing.body, again) {
        Ok(body) => {
            outgoing.message_id = again.to_string();
            outgoing.body = body;
            Plan::Again(outgoing)
        }
        Err(problem) => Plan::Impossible(format!(
            "it has arrived meanwhile, and its body takes no new id: {problem}"
        )),
    }
}

/// What is published for a letter of the router, which goes to it in structured mode.
fn event(letter: &LetterHead, body: Vec<u8>, names: &Names, now: DateTime<Utc>) -> Plan {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "type")]
        name: EventName,
    }
    let texts = &letter.headers["headers"];
    let attributes = headers::attributes(
        texts
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))),
    );
    let body = if attributes.is_empty() {
        body
    } else {
        match Event::structured(attributes, &body) {
            Ok(body) => body,
            Err(problem) => {
                return Plan::Impossible(format!(
                    "it came in CloudEvents binary mode and cannot be written in structured mode: {problem}; have it \
                     published again by whoever published it"
                ));
            }
        }
    };
    let name = serde_json::from_slice::<Named>(&body).ok();
    let name = name.map(|named| named.name.as_str().to_owned());
    let id = letter.event.as_ref().map(|(_, id)| id.clone());
    Plan::Send(Outgoing {
        exchange: names.events(),
        routing_key: name
            .filter(|name| name.len() <= LONGEST_KEY)
            .unwrap_or_else(|| UNKNOWN.to_owned()),
        content_type: event::CONTENT_TYPE,
        message_id: id.unwrap_or_else(|| letter.id.to_string()),
        headers: first(now, texts[headers::TRACEPARENT].as_str()),
        body,
    })
}

/// What is published for a letter of directory-sync. Whatever its kind, it goes to the same queue.
fn change(letter: &LetterHead, body: Vec<u8>, names: &Names, now: DateTime<Utc>) -> Plan {
    #[derive(Deserialize)]
    struct Sorted {
        kind: Kind,
    }
    let sorted = serde_json::from_slice::<Sorted>(&body).ok();
    Plan::Send(Outgoing {
        exchange: names.directory(),
        routing_key: sorted
            .map_or(UNKNOWN, |sorted| sorted.kind.as_str())
            .to_owned(),
        content_type: directory_change::CONTENT_TYPE,
        message_id: letter.id.to_string(),
        headers: first(now, None),
        body,
    })
}

/// The time for which it is tried begins anew.
fn first(now: DateTime<Utc>, traceparent: Option<&str>) -> Headers {
    Headers::first(now.timestamp_millis(), traceparent.map(str::to_owned))
}

/// A job with another id, and everything else as it is written.
fn with_id(body: &[u8], id: JobId) -> Result<Vec<u8>, serde_json::Error> {
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body)?;
    members.insert("id".to_owned(), to_raw_value(&id)?);
    serde_json::to_vec(&members)
}

#[cfg(test)]
mod tests;
