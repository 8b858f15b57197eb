//! The ledger, looked through: attempts page by page, and how many there are.

use chrono::{DateTime, Utc};
use proto_events::outcome::State;
use proto_events::{Channel, DestinationId, JobId, Reason};

use super::attempts::{DeliveryRow, ListedDelivery};
use crate::error::StoreError;
use crate::pages::{Page, Window};
use crate::rows::{column, key, owned, word};
use crate::store::Store;

/// Which attempts are meant: those that agree with every member.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Attempts of this job and of its replays.
    pub job: Option<JobId>,
    /// Of the event's source.
    pub event_source: Option<String>,
    /// Of the event of this id.
    pub event_id: Option<String>,
    /// Of events of this name.
    pub event_name: Option<String>,
    /// Of exactly these jobs.
    pub jobs: Option<Vec<JobId>>,
    /// That were their job's last, so that each job is met once.
    pub last: bool,
    /// Over this channel.
    pub channel: Option<Channel>,
    /// That left their job there.
    pub state: Option<State>,
    /// That failed so.
    pub reason: Option<Reason>,
    /// To this user.
    pub recipient: Option<i64>,
    /// At this destination.
    pub destination: Option<DestinationId>,
    /// Begun then or later.
    pub since: Option<DateTime<Utc>>,
    /// Begun before.
    pub until: Option<DateTime<Utc>>,
    /// Only what was addressed to this person: not what went to a place before it became theirs.
    pub of: Option<i64>,
}

/// How many attempts over one channel left their jobs in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The channel.
    pub channel: Channel,
    /// The state.
    pub state: State,
    /// How many.
    pub count: i64,
}

struct CountRow {
    count: i64,
}

struct TallyRow {
    channel: String,
    state: String,
    count: i64,
}

/// A query of the attempts that agree with a filter; further parameters count from $15.
macro_rules! deliveries {
    ($row:ident, $what:literal, $filter:expr, $then:literal $(, $parameter:expr)*) => {
        sqlx::query_as!(
            $row,
            "SELECT " + $what + " FROM deliveries
             WHERE ($1::text IS NULL OR job_id BETWEEN $1 AND $1 || '.s')
               AND ($2::text IS NULL OR event_source = $2) AND ($3::text IS NULL OR event_id = $3)
               AND ($4::text IS NULL OR channel = $4) AND ($5::text IS NULL OR state = $5)
               AND ($6::text IS NULL OR reason = $6) AND ($7::bigint IS NULL OR recipient = $7)
               AND ($8::bigint IS NULL OR destination = $8)
               AND ($9::timestamptz IS NULL OR started_at >= $9)
               AND ($10::timestamptz IS NULL OR started_at < $10)
               AND ($11::bigint IS NULL OR recipient = $11)
               AND ($12::text IS NULL OR event_name = $12)
               AND ($13::text[] IS NULL OR job_id = ANY ($13))
               AND (NOT $14::boolean OR NOT EXISTS (SELECT FROM deliveries AS later
                                                    WHERE later.job_id = deliveries.job_id
                                                      AND later.attempt > deliveries.attempt)) " + $then,
            $filter.job.map(|job| job.to_string()) as _,
            $filter.event_source.as_deref().map(key) as _,
            $filter.event_id.as_deref().map(key) as _,
            $filter.channel.map(Channel::as_str) as _,
            $filter.state.map(State::as_str) as _,
            $filter.reason.map(Reason::as_str) as _,
            $filter.recipient as _,
            $filter.destination as _,
            $filter.since as _,
            $filter.until as _,
            $filter.of as _,
            $filter.event_name.as_deref().map(owned) as _,
            $filter.jobs.as_deref().map(|jobs| column(jobs, ToString::to_string)) as _,
            $filter.last as _
            $(, $parameter)*
        )
    };
}

impl Store {
    /// A page of attempts, the newest first.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn deliveries_page(
        &self,
        filter: &DeliveryFilter,
        window: Window,
    ) -> Result<Page<ListedDelivery>, StoreError> {
        let count = deliveries!(CountRow, r#"count(*) AS "count!""#, filter, "")
            .fetch_one(&self.pool)
            .await?;
        let rows = deliveries!(
            DeliveryRow,
            "job_id, attempt, channel, event_source, event_id, event_name, recipient, destination, state, reason,
             detail, provider_id, status, started_at, finished_at",
            filter,
            "ORDER BY started_at DESC, job_id, attempt DESC LIMIT $15 OFFSET $16",
            i64::from(window.limit),
            window.offset
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Page {
            count: count.count,
            rows: rows
                .into_iter()
                .map(ListedDelivery::try_from)
                .collect::<Result<_, _>>()?,
        })
    }

    /// How many attempts there are, by channel and by where they left their jobs.
    ///
    /// # Errors
    /// As [`Store::deliveries_page`].
    pub async fn delivery_tallies(
        &self,
        filter: &DeliveryFilter,
    ) -> Result<Vec<Tally>, StoreError> {
        let rows = deliveries!(
            TallyRow,
            r#"channel, state, count(*) AS "count!""#,
            filter,
            "GROUP BY channel, state ORDER BY channel, state"
        )
        .fetch_all(&self.pool)
        .await?;
        let tallies = rows.into_iter().map(|row| {
            Ok(Tally {
                channel: word("deliveries.channel", &row.channel)?,
                state: word("deliveries.state", &row.state)?,
                count: row.count,
            })
        });
        tallies.collect()
    }
}
