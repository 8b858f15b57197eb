//! Looking for dead letters.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use proto_events::{JobId, Reason, Service};
use uuid::Uuid;

use super::head::{HeadRow, LetterHead};
use crate::error::StoreError;
use crate::pages::{Page, Window};
use crate::rows::{key, word};
use crate::store::Store;

/// Which letters are meant: those that agree with every member. The default are all that wait.
#[derive(Clone, Debug, Default)]
pub struct LetterFilter {
    /// Whether somebody has dealt with them.
    pub kind: Kind,
    /// Only these.
    pub ids: Option<Vec<Uuid>>,
    /// Who gave them up.
    pub service: Option<Service>,
    /// Why.
    pub reason: Option<Reason>,
    /// Filed then or later.
    pub since: Option<DateTime<Utc>>,
    /// Filed then or earlier.
    pub until: Option<DateTime<Utc>>,
    /// Id of the event within its source.
    pub event: Option<String>,
    /// Of the event's source; several sources may use one id.
    pub event_source: Option<String>,
    /// The job; without `.rN`, its replays too.
    pub job: Option<JobId>,
}

/// Whether somebody has dealt with a letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nobody has.
    #[default]
    Waiting,
    /// Somebody has.
    Resolved,
    /// Either.
    Any,
}

impl Kind {
    const fn resolved(self) -> Option<bool> {
        match self {
            Self::Waiting => Some(false),
            Self::Resolved => Some(true),
            Self::Any => None,
        }
    }
}

/// In which order letters are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they were filed.
    OldestFirst,
    /// The other way round.
    NewestFirst,
}

/// How many letters one service filed for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterCount {
    /// Who gave them up.
    pub service: Service,
    /// Why.
    pub reason: Reason,
    /// How many.
    pub count: i64,
    /// When the first of them was filed.
    pub oldest: DateTime<Utc>,
    /// When the last of them was filed.
    pub newest: DateTime<Utc>,
}

struct CountRow {
    service: String,
    reason: String,
    count: i64,
    oldest: DateTime<Utc>,
    newest: DateTime<Utc>,
}

/// A query of the letters that agree with a filter: what is asked of them, the filter, and
/// what comes after its condition, where further parameters count from $10.
macro_rules! letters {
    ($row:ident, $what:literal, $filter:expr, $then:literal $(, $parameter:expr)*) => {
        sqlx::query_as!(
            $row,
            "SELECT " + $what + " FROM dead_letters AS letter
             WHERE ($1::bool IS NULL OR (resolved_at IS NOT NULL) = $1)
               AND ($2::uuid[] IS NULL OR id = ANY ($2))
               AND ($3::text IS NULL OR service = $3)
               AND ($4::text IS NULL OR reason = $4)
               AND ($5::timestamptz IS NULL OR created_at >= $5)
               AND ($6::timestamptz IS NULL OR created_at <= $6)
               AND ($7::text IS NULL OR event_id = $7)
               AND ($8::text IS NULL OR job_id BETWEEN $8 AND $8 || '.s')
               AND ($9::text IS NULL OR event_source = $9) " + $then,
            $filter.kind.resolved() as _,
            $filter.ids.as_deref() as _,
            $filter.service.map(Service::as_str) as _,
            $filter.reason.map(Reason::as_str) as _,
            $filter.since as _,
            $filter.until as _,
            $filter.event.as_deref().map(key) as _,
            $filter.job.map(|job| job.to_string()) as _,
            $filter.event_source.as_deref().map(key) as _
            $(, $parameter)*
        )
    };
}

/// A page of heads; $10 and $11 are where the page before ended, $12 is how many there are on one;
/// further parameters count from $13.
macro_rules! page {
    ($filter:expr, $after:expr, $limit:expr, $order:literal $(, $parameter:expr)*) => {
        letters!(
            HeadRow,
            r#"id, service, job_id, event_source, event_id, headers, reason, detail, created_at, resolved_at, resolution,
               octet_length(body) AS "body_bytes!",
               EXISTS (SELECT FROM deliveries AS attempt
                       WHERE attempt.job_id = letter.job_id AND state IN ('delivered', 'accepted')) AS "arrived!""#,
            $filter,
            $order,
            $after.map(|head: &LetterHead| head.created_at) as _,
            $after.map(|head: &LetterHead| head.id) as _,
            i64::from($limit)
            $(, $parameter)*
        )
    };
}

impl Store {
    /// A page of letters, at most `limit`: those that come after the last one of the page
    /// before, which is none for the first page.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn letters(
        &self,
        filter: &LetterFilter,
        order: Order,
        after: Option<&LetterHead>,
        limit: u32,
    ) -> Result<Vec<LetterHead>, StoreError> {
        let rows = match order {
            Order::OldestFirst => {
                page!(
                    filter,
                    after,
                    limit,
                    "AND ($10::timestamptz IS NULL OR (created_at, id) > ($10, $11::uuid))
                 ORDER BY created_at, id LIMIT $12"
                )
                .fetch_all(&self.pool)
                .await?
            }
            Order::NewestFirst => {
                page!(
                    filter,
                    after,
                    limit,
                    "AND ($10::timestamptz IS NULL OR (created_at, id) < ($10, $11::uuid))
                 ORDER BY created_at DESC, id DESC LIMIT $12"
                )
                .fetch_all(&self.pool)
                .await?
            }
        };
        rows.into_iter().map(LetterHead::try_from).collect()
    }

    /// A page of letters by its place in the list, the newest first.
    ///
    /// # Errors
    /// As [`Store::letters`].
    pub async fn letters_page(
        &self,
        filter: &LetterFilter,
        window: Window,
    ) -> Result<Page<LetterHead>, StoreError> {
        let counts = self.letter_counts(filter).await?;
        let rows = page!(
            filter,
            None,
            window.limit,
            "AND ($10::timestamptz IS NULL OR (created_at, id) < ($10, $11::uuid))
             ORDER BY created_at DESC, id DESC LIMIT $12 OFFSET $13",
            window.offset
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Page {
            count: counts.iter().map(|counted| counted.count).sum(),
            rows: rows
                .into_iter()
                .map(LetterHead::try_from)
                .collect::<Result<_, _>>()?,
        })
    }

    /// How many letters there are, by who gave them up and why.
    ///
    /// # Errors
    /// As [`Store::letters`].
    pub async fn letter_counts(
        &self,
        filter: &LetterFilter,
    ) -> Result<Vec<LetterCount>, StoreError> {
        let rows = letters!(
            CountRow,
            r#"service, reason, count(*) AS "count!", min(created_at) AS "oldest!", max(created_at) AS "newest!""#,
            filter,
            "GROUP BY service, reason ORDER BY service, reason"
        )
        .fetch_all(&self.pool)
        .await?;
        let counts = rows.into_iter().map(|row| {
            Ok(LetterCount {
                service: word("dead_letters.service", &row.service)?,
                reason: word("dead_letters.reason", &row.reason)?,
                count: row.count,
                oldest: row.oldest,
                newest: row.newest,
            })
        });
        counts.collect()
    }

    /// The ids within a range, resolved ones too, at most `limit`.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn letter_ids(
        &self,
        range: RangeInclusive<Uuid>,
        limit: u32,
    ) -> Result<Vec<Uuid>, StoreError> {
        Ok(sqlx::query_scalar!(
            "SELECT id FROM dead_letters WHERE id BETWEEN $1 AND $2 ORDER BY id LIMIT $3",
            range.start(),
            range.end(),
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The body of a letter; none if somebody dealt with the letter since it was read, or
    /// it was filed anew.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn letter_body(&self, letter: &LetterHead) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(sqlx::query_scalar!(
            "SELECT body FROM dead_letters
             WHERE id = $1 AND created_at = $2 AND resolved_at IS NOT DISTINCT FROM $3",
            letter.id,
            letter.created_at,
            letter.resolved.map(|(at, _)| at),
        )
        .fetch_optional(&self.pool)
        .await?)
    }
}
