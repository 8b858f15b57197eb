//! The way through every list, page by page, and where a run stands on it.

use chrono::{DateTime, TimeDelta, Utc};
use proto_events::DirectoryChange;
use store::ImportProgress;

use super::apply::changes;
use super::client::Client;
use super::lookups::Lookups;
use super::paging::Position;
use super::progress::Progress;
use super::reading::Reading;
use super::refusal::ApiError;
use super::report::Report;
use super::resources::{RESOURCES, RISK_ACCEPTANCES};

/// How long a run that was cut off can be gone on with: until then what happened meanwhile is
/// told by changes that are published, or read by the next run.
const RESUMABLE: TimeDelta = TimeDelta::hours(24);

/// A run's way through the lists.
pub(super) struct Walk<'c> {
    client: &'c Client,
    page_size: u32,
    begun_at: DateTime<Utc>,
    /// Which of [`RESOURCES`] is being read.
    at: usize,
    position: Position,
    reading: Reading,
    lookups: Option<Lookups>,
    has_acceptances: bool,
    progress: Progress,
}

impl<'c> Walk<'c> {
    /// From the beginning.
    pub(super) fn begin(client: &'c Client, page_size: u32) -> Self {
        Self::at(client, page_size, Utc::now(), 0, Position::default())
    }

    /// From where an earlier run came to; none if it is too old, or read other lists.
    pub(super) fn resume(
        client: &'c Client,
        page_size: u32,
        from: &ImportProgress,
    ) -> Option<Self> {
        let at = RESOURCES
            .iter()
            .position(|resource| resource.path == from.resource)?;
        let position = Position {
            offset: u64::try_from(from.next_offset).ok()?,
            expected: from.expected.and_then(|count| u64::try_from(count).ok()),
        };
        let is_young = Utc::now() - from.begun_at < RESUMABLE;
        is_young.then(|| Self::at(client, page_size, from.begun_at, at, position))
    }

    fn at(
        client: &'c Client,
        page_size: u32,
        begun_at: DateTime<Utc>,
        at: usize,
        position: Position,
    ) -> Self {
        // There is always a first list, and never a walk beyond the last.
        let path = RESOURCES.get(at).map_or("", |resource| resource.path);
        Self {
            client,
            page_size,
            begun_at,
            at,
            position,
            reading: Reading::from(path, page_size, position),
            lookups: None,
            has_acceptances: false,
            progress: Progress::of(path),
        }
    }

    /// When the run was begun.
    pub(super) const fn begun_at(&self) -> DateTime<Utc> {
        self.begun_at
    }

    /// Where it stands, to be remembered.
    pub(super) fn standing(&self) -> ImportProgress {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let last = RESOURCES.len() - 1;
        ImportProgress {
            begun_at: self.begun_at,
            resource: RESOURCES[self.at.min(last)].path.to_owned(),
            next_offset: number(self.position.offset),
            expected: self.position.expected.map(number),
        }
    }

    /// The changes that the next page comes to, of whichever list; none after the last one.
    ///
    /// # Errors
    /// As [`Client::get`]; asking again asks for the same page.
    pub(super) async fn next(
        &mut self,
        report: &mut Report,
    ) -> Result<Option<Vec<DirectoryChange>>, ApiError> {
        while let Some(resource) = RESOURCES.get(self.at) {
            self.prepare(resource.path).await?;
            let page = match self.reading.next(self.client).await {
                Err(ApiError::Missing { .. }) if resource.may_be_missing => None,
                page => page?,
            };
            let (Some(page), Some(lookups)) = (page, &self.lookups) else {
                self.turn_to(self.at + 1);
                continue;
            };
            self.position = page.next;
            self.progress.show(self.position);
            return Ok(Some(changes(resource, &page, lookups, report)));
        }
        Ok(None)
    }

    /// Reads what the objects of a list are put together of, where it is not read yet.
    async fn prepare(&mut self, path: &str) -> Result<(), ApiError> {
        let lookups = match &mut self.lookups {
            Some(lookups) => lookups,
            none => none.insert(Lookups::read(self.client, self.page_size).await?),
        };
        if path == RISK_ACCEPTANCES && !self.has_acceptances {
            lookups
                .read_acceptances(self.client, self.page_size)
                .await?;
            self.has_acceptances = true;
        }
        Ok(())
    }

    fn turn_to(&mut self, at: usize) {
        self.at = at;
        self.progress.end();
        if let Some(resource) = RESOURCES.get(at) {
            self.position = Position::default();
            self.reading = Reading::new(resource.path, self.page_size);
            self.progress = Progress::of(resource.path);
        }
    }
}
