//! Events and what was decided of them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::error::StoreError;
use crate::pages::{Page, Window};
use crate::rows::key;
use crate::store::Store;

/// Which events are meant: those that agree with every member.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// The system that published it.
    pub source: Option<String>,
    /// Its id within the source.
    pub id: Option<String>,
    /// Its bare name.
    pub name: Option<String>,
    /// Decided then or later.
    pub since: Option<DateTime<Utc>>,
    /// Decided before.
    pub until: Option<DateTime<Utc>>,
}

/// An event with its decision.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedEvent {
    /// The system that published it.
    pub source: String,
    /// Its id within the source.
    pub id: String,
    /// Its bare name.
    pub name: String,
    /// Its body, as it came.
    pub body: String,
    /// When the router took it.
    pub received_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// The directory it was decided with.
    pub directory_version: i64,
    /// The directory did not know what the event is about.
    pub directory_behind: bool,
    /// How many jobs were made.
    pub jobs: i32,
    /// Channel → list of usernames, null for the system.
    pub decisions: Value,
    /// What else is worth knowing.
    pub notes: Value,
    /// Named recipients that nobody has.
    pub unknown_recipients: Vec<String>,
}

/// What an event said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventText {
    /// The system that published it.
    pub source: String,
    /// Its id within the source.
    pub id: String,
    /// Its body, as it came.
    pub body: String,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
}

/// The newest events since a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestEvents {
    /// The newest first.
    pub events: Vec<EventText>,
    /// These are all since that moment.
    pub all: bool,
}

/// How far back is looked for the newest events before it is looked as far as was asked: among
/// millions of events, the newest few are found without all others.
const NEAR: [TimeDelta; 2] = [TimeDelta::hours(1), TimeDelta::days(1)];

impl Store {
    /// The newest events since a moment, so many and so many bytes of bodies at most.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn newest_events(
        &self,
        since: DateTime<Utc>,
        most: u32,
        bytes: i64,
    ) -> Result<NewestEvents, StoreError> {
        let now = Utc::now();
        let near = NEAR.map(|back| now - back);
        for since in near.into_iter().filter(|near| *near > since) {
            let newest = self.events_since(since, most, bytes).await?;
            if !newest.all {
                return Ok(newest);
            }
        }
        self.events_since(since, most, bytes).await
    }

    async fn events_since(
        &self,
        since: DateTime<Utc>,
        most: u32,
        bytes: i64,
    ) -> Result<NewestEvents, StoreError> {
        let most = i64::from(most);
        let rows = sqlx::query!(
            r#"WITH newest AS (
                   SELECT source, id, body, decided_at FROM events WHERE decided_at >= $1
                   ORDER BY decided_at DESC, source, id LIMIT $2::bigint + 1
               ), measured AS (
                   SELECT *, row_number() OVER newest_first AS place,
                          sum(octet_length(body)) OVER newest_first AS so_far
                   FROM newest WINDOW newest_first AS (ORDER BY decided_at DESC, source, id)
               )
               SELECT source AS "source!", id AS "id!", decided_at AS "decided_at!",
                      CASE WHEN place <= $2::bigint AND so_far <= $3::bigint THEN body END AS body
               FROM measured ORDER BY place"#,
            since,
            most,
            bytes
        )
        .fetch_all(&self.pool)
        .await?;
        let found = rows.len();
        let texts = rows.into_iter().map_while(|row| {
            Some(EventText {
                source: row.source,
                id: row.id,
                body: row.body?,
                decided_at: row.decided_at,
            })
        });
        let events: Vec<EventText> = texts.collect();
        Ok(NewestEvents {
            all: events.len() == found,
            events,
        })
    }

    /// A page of events, the newest first.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn events_page(
        &self,
        filter: &EventFilter,
        window: Window,
    ) -> Result<Page<ListedEvent>, StoreError> {
        let (source, id) = (
            filter.source.as_deref().map(key),
            filter.id.as_deref().map(key),
        );
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM events
               WHERE ($1::text IS NULL OR source = $1) AND ($2::text IS NULL OR id = $2)
                 AND ($3::text IS NULL OR name = $3)
                 AND ($4::timestamptz IS NULL OR decided_at >= $4)
                 AND ($5::timestamptz IS NULL OR decided_at < $5)"#,
            source,
            id,
            filter.name.as_deref().map(key),
            filter.since,
            filter.until
        )
        .fetch_one(&self.pool)
        .await?;
        let rows = sqlx::query_as!(
            ListedEvent,
            "SELECT source, id, name, body, received_at, decided_at, directory_version, directory_behind,
                    jobs, decisions, notes, unknown_recipients
             FROM events
             WHERE ($1::text IS NULL OR source = $1) AND ($2::text IS NULL OR id = $2)
               AND ($3::text IS NULL OR name = $3)
               AND ($4::timestamptz IS NULL OR decided_at >= $4)
               AND ($5::timestamptz IS NULL OR decided_at < $5)
             ORDER BY decided_at DESC, source, id LIMIT $6 OFFSET $7",
            source,
            id,
            filter.name.as_deref().map(key),
            filter.since,
            filter.until,
            i64::from(window.limit),
            window.offset
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Page { count, rows })
    }
}
