//! Sums over everything, for a demo, a test or an operator: whether what went in came out.

use proto_events::outcome::State;
use proto_events::{Channel, DestinationId, JobId, Reason};

use crate::dead_letters::LetterFilter;
use crate::error::StoreError;
use crate::rows::word;
use crate::store::Store;

/// How much there is of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Events decided.
    pub events: i64,
    /// Jobs made of them; an alert job counts once, whatever its recipients.
    pub jobs: i64,
    /// Deliveries by channel and by where the last attempt left them.
    pub deliveries: Vec<(Channel, State, i64)>,
    /// Alerts, removed ones too.
    pub alerts: i64,
    /// Unresolved dead letters by the service that gave up, and why.
    pub dead_letters: Vec<(String, Reason, i64)>,
}

/// One delivery, or one alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Id of the event within its source.
    pub event_id: String,
    /// Bare name of the event; empty if it is an alert whose event has no row (yet).
    pub event_name: String,
    /// The channel.
    pub channel: Channel,
    /// Username of the recipient; none: the system.
    pub recipient: Option<String>,
    /// Where it went; none for alerts.
    pub destination: Option<DestinationId>,
    /// The job; for an alert, the alert's own id.
    pub job: JobId,
    /// How many attempts were made.
    pub attempts: i64,
    /// Where the last attempt left it.
    pub state: State,
}

impl Store {
    /// Adds everything up.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn account(&self) -> Result<Account, StoreError> {
        let events = sqlx::query!(
            r#"SELECT count(*) AS "events!", coalesce(sum(jobs), 0) AS "jobs!",
                      (SELECT count(*) FROM alerts) AS "alerts!"
               FROM events"#
        )
        .fetch_one(&self.pool)
        .await?;
        let waiting = self.letter_counts(&LetterFilter::default()).await?;
        Ok(Account {
            events: events.events,
            jobs: events.jobs,
            deliveries: self.delivery_counts().await?,
            alerts: events.alerts,
            dead_letters: waiting
                .into_iter()
                .map(|letters| (letters.service.to_string(), letters.reason, letters.count))
                .collect(),
        })
    }

    async fn delivery_counts(&self) -> Result<Vec<(Channel, State, i64)>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT channel, state, count(*) AS "count!"
               FROM (SELECT DISTINCT ON (job_id) channel, state FROM deliveries ORDER BY job_id, attempt DESC) AS last
               GROUP BY channel, state ORDER BY channel, state"#
        )
        .fetch_all(&self.pool)
        .await?;
        let counts = rows.into_iter().map(|row| {
            Ok((
                word("deliveries.channel", &row.channel)?,
                word("deliveries.state", &row.state)?,
                row.count,
            ))
        });
        counts.collect()
    }

    /// Every delivery and every alert, by event. Reads the whole ledger: for a demo and
    /// for tests.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn ledger(&self) -> Result<Vec<LedgerEntry>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT event_id AS "event_id!", event_name AS "event_name!", channel AS "channel!",
                      users.username AS "username?", destination, job_id AS "job_id!", attempts AS "attempts!",
                      state AS "state!"
               FROM (
                   (SELECT DISTINCT ON (job_id) event_source, event_id, event_name, channel, recipient, destination,
                           job_id, count(*) OVER (PARTITION BY job_id) AS attempts, state
                    FROM deliveries WHERE channel <> 'alert' ORDER BY job_id, attempt DESC)
                   UNION ALL
                   SELECT event_source, event_id, coalesce(events.name, ''), 'alert', user_id, NULL,
                          alerts.id::text, 1, 'delivered'
                   FROM alerts LEFT JOIN events ON (events.source, events.id) = (event_source, event_id)
               ) AS entry
               LEFT JOIN users ON users.id = recipient
               ORDER BY event_source, event_id, channel, username NULLS FIRST, destination"#
        )
        .fetch_all(&self.pool)
        .await?;
        let entries = rows.into_iter().map(|row| {
            Ok(LedgerEntry {
                event_id: row.event_id,
                event_name: row.event_name,
                channel: word("deliveries.channel", &row.channel)?,
                recipient: row.username,
                destination: row.destination,
                job: word("deliveries.job_id", &row.job_id)?,
                attempts: row.attempts,
                state: word("deliveries.state", &row.state)?,
            })
        });
        entries.collect()
    }
}
