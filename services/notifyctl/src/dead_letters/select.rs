//! The letters that are meant, page by page, so that any number of them fits into memory.

use std::collections::VecDeque;

use anyhow::bail;
use chrono::{DateTime, Utc};
use store::{Kind, LetterFilter, LetterHead, Order, Store, StoreError};
use uuid::Uuid;

use super::args::{Filters, Selection};
use super::id::Prefix;

/// How many letters are read at once.
const PAGE: u32 = 500;

/// How many ids an error names.
const NAMED: u32 = 10;

/// How many of the letters that have arrived are named.
const SHOWN: usize = 10;

impl Filters {
    /// The letters of a kind that agree with them.
    pub(super) fn of(&self, kind: Kind) -> LetterFilter {
        LetterFilter {
            kind,
            service: self.service,
            reason: self.reason,
            since: self.since,
            until: self.until,
            event: self.event.clone(),
            job: self.job,
            ..LetterFilter::default()
        }
    }
}

impl Selection {
    /// The letters that are meant: those that wait, or those that are named, as far as
    /// they are of a kind.
    pub(super) async fn filter(&self, store: &Store, named: Kind) -> anyhow::Result<LetterFilter> {
        if self.ids.is_empty() {
            return Ok(self.filters.of(Kind::Waiting));
        }
        let mut ids = Vec::with_capacity(self.ids.len());
        for prefix in &self.ids {
            ids.push(id(store, prefix).await?);
        }
        Ok(of_ids(ids, named))
    }
}

/// The letter whose id begins so.
pub(super) async fn letter(store: &Store, prefix: &Prefix) -> anyhow::Result<LetterHead> {
    let filter = of_ids(vec![id(store, prefix).await?], Kind::Any);
    match Walk::new(store, filter, Order::OldestFirst).next().await? {
        Some(letter) => Ok(letter),
        None => bail!("the letter {prefix} has just been removed from the table"),
    }
}

fn of_ids(ids: Vec<Uuid>, kind: Kind) -> LetterFilter {
    LetterFilter {
        kind,
        ids: Some(ids),
        ..LetterFilter::default()
    }
}

async fn id(store: &Store, prefix: &Prefix) -> anyhow::Result<Uuid> {
    let found = store.letter_ids(prefix.range(), NAMED).await?;
    match found.as_slice() {
        [] => bail!(
            "no letter's id begins with {prefix}; notifyctl dead-letters list --all shows them"
        ),
        [id] => Ok(*id),
        several => {
            let several: Vec<String> = several.iter().map(Uuid::to_string).collect();
            bail!(
                "several letters' ids begin with {prefix}; give more of the one you mean: {}",
                several.join(", ")
            )
        }
    }
}

/// A walk through letters.
pub(super) struct Walk<'s> {
    store: &'s Store,
    filter: LetterFilter,
    order: Order,
    page: VecDeque<LetterHead>,
    /// The last letter of the page.
    last: Option<LetterHead>,
}

impl<'s> Walk<'s> {
    pub(super) const fn new(store: &'s Store, filter: LetterFilter, order: Order) -> Self {
        Self {
            store,
            filter,
            order,
            page: VecDeque::new(),
            last: None,
        }
    }

    /// The next page; empty at the end.
    pub(super) async fn page(&mut self) -> Result<Vec<LetterHead>, StoreError> {
        let last = self.last.as_ref();
        let page = self
            .store
            .letters(&self.filter, self.order, last, PAGE)
            .await?;
        self.last = page.last().cloned().or(self.last.take());
        Ok(page)
    }

    /// The next letter.
    pub(super) async fn next(&mut self) -> Result<Option<LetterHead>, StoreError> {
        if self.page.is_empty() {
            self.page = self.page().await?.into();
        }
        Ok(self.page.pop_front())
    }
}

/// What a walk through letters would meet.
#[derive(Default)]
pub(super) struct Survey {
    /// How many letters there are.
    pub(super) letters: u64,
    /// How many of their jobs have arrived meanwhile.
    pub(super) arrived: u64,
    /// The first of those.
    pub(super) examples: Vec<LetterHead>,
    newest: Option<DateTime<Utc>>,
}

impl Survey {
    /// Looks at the letters, and ends the filter at the newest: one that is filed while
    /// the others are sent, perhaps because of that, does not belong to them.
    pub(super) async fn of(store: &Store, filter: &mut LetterFilter) -> Result<Self, StoreError> {
        let mut survey = Self::default();
        let mut walk = Walk::new(store, filter.clone(), Order::OldestFirst);
        while let Some(letter) = walk.next().await? {
            survey.letters += 1;
            survey.newest = Some(letter.created_at);
            if letter.arrived {
                survey.arrived += 1;
                if survey.examples.len() < SHOWN {
                    survey.examples.push(letter);
                }
            }
        }
        filter.until = survey.newest.or(filter.until);
        Ok(survey)
    }
}
