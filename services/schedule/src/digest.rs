//! A digest: what was held back for one reader until one moment, as one job. Pure.

use std::sync::Arc;

use proto_events::job::{DIGEST, Digest, Notice};
use proto_events::{Job, JobId, event_name};
use serde_json::json;
use serde_json::value::to_raw_value;

use crate::notice::SOURCE;

/// How many events a digest carries. More are counted: the alert list has them all.
const NOTICES: usize = 200;

/// How large they may be together (bytes); the first one is always carried.
const SIZE: usize = 1024 * 1024;

/// The page on which everything can be seen that anybody was told.
const ALERTS: &str = "/alerts";

/// A digest while it is put together.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    notices: Vec<Notice>,
    size: usize,
    left_out: u64,
    /// Where it goes, as the first job says.
    first: Option<Job>,
}

impl Draft {
    /// Adds a job that was held back.
    pub fn add(&mut self, job: Job) {
        let size = self.size + job.event.get().len();
        if self.is_full() || (size > SIZE && !self.notices.is_empty()) {
            self.left_out += 1;
            return;
        }
        self.size = size;
        self.notices.push(Notice {
            redacted: job.redacted,
            event: Arc::clone(&job.event),
        });
        self.first.get_or_insert(job);
    }

    /// Counts jobs that are not added, since it is full.
    pub const fn leave_out(&mut self, jobs: u64) {
        self.left_out += jobs;
    }

    /// Whether it carries as much as it can.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.notices.len() >= NOTICES || self.size >= SIZE
    }

    /// The job that tells all of it; none if there is nothing to tell.
    ///
    /// # Errors
    /// If it cannot be written as JSON, which would be a fault of a type.
    pub fn finish(self, id: JobId) -> Result<Option<Job>, serde_json::Error> {
        let Some(first) = self.first else {
            return Ok(None);
        };
        let count = self.notices.len() as u64 + self.left_out;
        let event = json!({
            "specversion": "1.0", "id": id, "source": SOURCE, "time": first.window,
            "type": format!("{}{DIGEST}", event_name::TYPE_PREFIX),
            "data": { "title": format!("{count} notices"), "url": ALERTS },
        });
        Ok(Some(Job {
            id,
            redacted: false,
            event: to_raw_value(&event)?.into(),
            digest: Some(Digest {
                notices: self.notices,
                left_out: self.left_out,
            }),
            ..first
        }))
    }
}
