//! What is remembered of a decided event.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proto_events::{Channel, Job, Target};
use rules::Directory;
use serde_json::value::{RawValue, to_raw_value};
use store::EventRecord;

use crate::jobs::Plan;
use crate::read::Read;

/// The row of a decided event.
pub(crate) fn record(
    read: &Read,
    plan: &Plan,
    directory: &Directory,
    behind: bool,
    now: DateTime<Utc>,
) -> EventRecord {
    EventRecord {
        source: read.event.source.clone(),
        id: read.event.id.clone(),
        name: read.event.name.as_str().to_owned(),
        body: read.raw.get().to_owned(),
        received_at: now,
        directory_version: directory.version(),
        directory_behind: behind,
        jobs: i32::try_from(plan.jobs.len()).unwrap_or(i32::MAX),
        // Names by channel always are JSON.
        decisions: to_raw_value(&told(&plan.jobs, directory))
            .unwrap_or_else(|_| RawValue::NULL.to_owned()),
        notes: serde_json::json!(plan.notes),
        unknown_recipients: plan.notes.unknown_recipients.clone(),
    }
}

/// Who is told, by channel; null is the system.
#[must_use]
pub fn told<'d>(
    jobs: &'d [Job],
    directory: &'d Directory,
) -> BTreeMap<Channel, Vec<Option<&'d str>>> {
    let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for job in jobs {
        let list = told.entry(job.to.channel()).or_default();
        match &job.to {
            Target::Alert { recipients } => list.extend(recipients.iter().map(|recipient| {
                let user = directory.user((*recipient)?)?;
                Some(user.username.as_str())
            })),
            Target::Mail(to) | Target::Slack(to) | Target::Msteams(to) | Target::Webhooks(to) => {
                list.push(to.recipient.as_ref().map(|user| user.username.as_str()));
            }
        }
    }
    told
}
