//! The ledger: every attempt.

use chrono::{DateTime, Utc};
use proto_events::outcome::State;
use proto_events::{Channel, DestinationId, JobId, Reason};

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

/// An attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDelivery {
    /// The job.
    pub job: JobId,
    /// Which attempt, from 1.
    pub attempt: i32,
    /// The channel.
    pub channel: Channel,
    /// Source of the event.
    pub event_source: String,
    /// Id of the event within its source.
    pub event_id: String,
    /// Bare name of the event.
    pub event_name: String,
    /// Id of the user; none: the system.
    pub recipient: Option<i64>,
    /// Where it went.
    pub destination: Option<DestinationId>,
    /// Where it left the job.
    pub state: State,
    /// Why it did not succeed.
    pub reason: Option<Reason>,
    /// What was seen.
    pub detail: Option<String>,
    /// The receiver's own identifier of the message.
    pub provider_id: Option<String>,
    /// The protocol's status, e.g. 200 or 250.
    pub status: Option<i32>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its outcome was written down; none: it is under way.
    pub finished_at: Option<DateTime<Utc>>,
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

pub(super) struct DeliveryRow {
    pub(super) job_id: String,
    pub(super) attempt: i32,
    pub(super) channel: String,
    pub(super) event_source: String,
    pub(super) event_id: String,
    pub(super) event_name: String,
    pub(super) recipient: Option<i64>,
    pub(super) destination: Option<i64>,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) detail: Option<String>,
    pub(super) provider_id: Option<String>,
    pub(super) status: Option<i32>,
    pub(super) started_at: DateTime<Utc>,
    pub(super) finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<DeliveryRow> for ListedDelivery {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let reason = row.reason.as_deref();
        Ok(Self {
            job: word("deliveries.job_id", &row.job_id)?,
            attempt: row.attempt,
            channel: word("deliveries.channel", &row.channel)?,
            event_source: row.event_source,
            event_id: row.event_id,
            event_name: row.event_name,
            recipient: row.recipient,
            destination: row.destination,
            state: word("deliveries.state", &row.state)?,
            reason: reason
                .map(|reason| word("deliveries.reason", reason))
                .transpose()?,
            detail: row.detail,
            provider_id: row.provider_id,
            status: row.status,
            started_at: row.started_at,
            finished_at: row.finished_at,
        })
    }
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
