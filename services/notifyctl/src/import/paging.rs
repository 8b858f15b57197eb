//! Where the next page begins.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// A page as the API gives it. Its `next` is not followed: it names the site's own address,
/// which need not be the one that we reach it by.
#[derive(Debug, Deserialize)]
pub(super) struct ListPage {
    /// How many objects there are in all.
    pub(super) count: u64,
    /// Those of this page.
    pub(super) results: Vec<Value>,
}

/// A place between two objects of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// Objects before it.
    pub(super) offset: u64,
    /// How many there were in all when last asked.
    pub(super) expected: Option<u64>,
}

/// A page that was read.
#[derive(Debug)]
pub(super) struct Page {
    /// Its objects.
    pub(super) results: Vec<Value>,
    /// A moment before it was asked for: what happened later is not in it.
    pub(super) asked_at: DateTime<Utc>,
    /// Where the next one begins.
    pub(super) next: Position,
}

impl Position {
    /// The position after a page that was asked for here. Where there are fewer objects than
    /// before, some may have gone from what was read, and as many others have moved into it
    /// unseen: it goes back by so many.
    pub(super) fn after(self, page: &ListPage) -> Self {
        let fewer = self.expected.unwrap_or(0).saturating_sub(page.count);
        let read = page.results.len() as u64;
        Self {
            offset: (self.offset + read).saturating_sub(fewer),
            expected: Some(page.count),
        }
    }

    /// Whether a page that was asked for here is the last one.
    pub(super) fn is_last(self, page: &ListPage) -> bool {
        let next = self.after(page);
        next.offset >= page.count || (page.results.is_empty() && next.offset >= self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(count: u64, results: usize) -> ListPage {
        ListPage {
            count,
            results: vec![Value::Null; results],
        }
    }

    fn position(offset: u64, expected: u64) -> Position {
        Position {
            offset,
            expected: Some(expected),
        }
    }

    #[test]
    fn pages_follow_one_another_until_all_objects_are_read() {
        let first = Position::default();
        assert_eq!(first.after(&page(7, 3)), position(3, 7));
        assert!(!first.is_last(&page(7, 3)));
        assert!(position(6, 7).is_last(&page(7, 1)));
        assert!(first.is_last(&page(0, 0)));
    }

    #[test]
    fn a_server_that_gives_less_than_was_asked_for_is_asked_for_the_rest() {
        assert_eq!(
            position(100, 900).after(&page(900, 100)),
            position(200, 900)
        );
    }

    #[test]
    fn where_objects_have_gone_meanwhile_it_goes_back_by_so_many() {
        assert_eq!(position(6, 9).after(&page(7, 1)), position(5, 7));
        assert!(!position(6, 9).is_last(&page(7, 1)));
        assert!(!position(6, 9).is_last(&page(6, 0)), "goes back");
    }

    #[test]
    fn an_empty_page_before_the_end_ends_it() {
        assert!(position(3, 7).is_last(&page(7, 0)));
    }
}
