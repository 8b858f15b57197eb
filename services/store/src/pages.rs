//! Lists, page by page.

use sqlx::postgres::PgQueryResult;

use crate::error::StoreError;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many rows at most.
    pub limit: u32,
    /// How many rows to pass over.
    pub offset: i64,
}

impl Window {
    /// The first row alone: for what is looked up by its id.
    pub const ONE: Self = Self {
        limit: 1,
        offset: 0,
    };
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// How many rows the whole list has.
    pub count: i64,
    /// Those that are wanted.
    pub rows: Vec<T>,
}

impl<T> Page<T> {
    /// The first row, if there is one.
    #[must_use]
    pub fn first(self) -> Option<T> {
        self.rows.into_iter().next()
    }
}

/// What became of a row that somebody wanted to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is as they want it.
    Made,
    /// Another row is what this one was to become.
    Taken,
    /// It is not there any more.
    Gone,
}

impl Change {
    /// Reads what an UPDATE of one row came to. `unique` is the constraint that keeps two rows
    /// from being the same.
    pub(crate) fn of(
        updated: Result<PgQueryResult, StoreError>,
        unique: &str,
    ) -> Result<Self, StoreError> {
        match updated {
            Ok(done) if done.rows_affected() > 0 => Ok(Self::Made),
            Ok(_) => Ok(Self::Gone),
            Err(error) if error.constraint().as_deref() == Some(unique) => Ok(Self::Taken),
            Err(error) => Err(error),
        }
    }
}
