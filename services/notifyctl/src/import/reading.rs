//! Every page of a list, one at a time.

use chrono::Utc;

use super::client::Client;
use super::paging::{ListPage, Page, Position};
use super::refusal::ApiError;

/// A list that is being read.
pub(super) struct Reading {
    path: &'static str,
    page_size: u32,
    position: Position,
    ended: bool,
}

impl Reading {
    /// From the beginning.
    pub(super) fn new(path: &'static str, page_size: u32) -> Self {
        Self::from(path, page_size, Position::default())
    }

    /// From a position that an earlier run came to.
    pub(super) const fn from(path: &'static str, page_size: u32, position: Position) -> Self {
        Self {
            path,
            page_size,
            position,
            ended: false,
        }
    }

    /// The next page; none after the last one.
    ///
    /// # Errors
    /// As [`Client::get`]; asking again asks for the same page.
    pub(super) async fn next(&mut self, client: &Client) -> Result<Option<Page>, ApiError> {
        if self.ended {
            return Ok(None);
        }
        let Self {
            path,
            page_size,
            position,
            ..
        } = *self;
        let asked_at = Utc::now();
        let query = format!("{path}/?limit={page_size}&offset={}", position.offset);
        let page: ListPage = client.get(&query).await?;
        self.ended = position.is_last(&page);
        self.position = position.after(&page);
        Ok(Some(Page {
            results: page.results,
            asked_at,
            next: self.position,
        }))
    }
}
