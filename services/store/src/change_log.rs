//! The change log: which rows changed since a moment, and what they say now.
//!
//! NOTIFY only wakes; what is polled here is the truth. A look at the log takes the rows that
//! are visible now and were not at the last look, by the two snapshots themselves: a
//! transaction that drew its number early and commits late is seen when it commits, and one
//! that runs for hours delays nobody but itself.

mod look;
mod prune;
mod wake;

use std::time::Duration;

use chrono::{DateTime, Utc};
use proto_events::directory::{Delta, Snapshot};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use look::{moment, touched};
pub use wake::WakeUps;

use crate::error::StoreError;
use crate::snapshot::read_rows;
use crate::store::Store;

/// Begins a look: everything as of one moment, and quick to find out that nobody answers. The
/// plan is made for the ids at hand: for a few of them, or for all rows of a table.
const LOOK: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
                    SET LOCAL statement_timeout = '500ms'; SET LOCAL plan_cache_mode = force_custom_plan";

/// Once there is something to read, it may be much.
const READ: &str = "SET LOCAL statement_timeout = '30s'";

/// How long a connection may take: names are looked up, keys exchanged, passwords hashed.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer to a look may take.
const LOOK_TIMEOUT: Duration = Duration::from_millis(500);

/// How long reading rows may take.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// A moment in the store's life: what was visible, and on which server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    version: i64,
    snapshot: String,
    /// Numbers of transactions mean something on one server only, and only until it is
    /// restored from a copy; a reader behind a pooler does not notice otherwise.
    server: DateTime<Utc>,
}

impl Moment {
    /// Every transaction with a lower number had ended.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }
}

/// What became of the directory since a moment.
#[derive(Debug)]
pub enum News {
    /// Nothing.
    None,
    /// These rows changed.
    Delta(Box<Delta>),
    /// What changed cannot be told any more: it is to be read whole. Why.
    Unknown(&'static str),
}

/// Reads the directory on a connection of its own, which no other work can keep busy. After
/// a fault or a time-out the next call opens another.
#[derive(Debug)]
pub struct DirectoryReader {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

impl Store {
    /// A reader of the directory on this store's database; opens no connection yet.
    #[must_use]
    pub fn directory_reader(&self) -> DirectoryReader {
        DirectoryReader {
            options: PgConnectOptions::clone(&self.pool.connect_options()),
            connection: None,
        }
    }
}

impl DirectoryReader {
    /// Reads everything a decision depends on, as of one moment.
    ///
    /// # Errors
    /// If the database is away or takes longer than a minute.
    pub async fn load(&mut self) -> Result<(Snapshot, Moment), StoreError> {
        let mut connection = self.connect().await?;
        let loaded = within(READ_TIMEOUT, load(&mut connection)).await?;
        self.connection = Some(connection);
        Ok(loaded)
    }

    /// What changed since a moment, and the moment of this look.
    ///
    /// # Errors
    /// If the database does not answer within half a second, or is a standby, which may lag.
    /// What was not read is read by the next call.
    pub async fn news(&mut self, since: &Moment) -> Result<(News, Moment), StoreError> {
        let mut connection = self.connect().await?;
        let news = news(&mut connection, since).await?;
        self.connection = Some(connection);
        Ok(news)
    }

    /// The connection, taken: a call that ends early leaves none behind.
    async fn connect(&mut self) -> Result<PgConnection, StoreError> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        within(CONNECT_TIMEOUT, async { Ok(self.options.connect().await?) }).await
    }
}

/// Ends work that takes too long: nobody may be at the other end.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let timed_out = |_| StoreError::NoAnswer(limit);
    tokio::time::timeout(limit, work).await.map_err(timed_out)?
}

async fn load(connection: &mut PgConnection) -> Result<(Snapshot, Moment), StoreError> {
    let mut transaction = connection.begin_with(LOOK).await?;
    let (moment, _) = moment(&mut transaction, None).await?;
    sqlx::raw_sql(READ).execute(&mut *transaction).await?;
    let mut rows = read_rows(&mut transaction, None).await?;
    rows.version = moment.version;
    transaction.commit().await?;
    Ok((rows, moment))
}

async fn news(connection: &mut PgConnection, since: &Moment) -> Result<(News, Moment), StoreError> {
    let look = async {
        let mut transaction = connection.begin_with(LOOK).await?;
        let (moment, missed) = moment(&mut transaction, Some(since)).await?;
        let touched = touched(&mut transaction, since).await?;
        Ok::<_, StoreError>((transaction, moment, missed, touched))
    };
    let (mut transaction, moment, missed, touched) = within(LOOK_TIMEOUT, look).await?;
    let news = match (missed, touched) {
        (Some(why), _) => News::Unknown(why),
        (None, None) => News::Unknown("a table was emptied"),
        (None, Some(logged)) if logged.is_empty() => News::None,
        (None, Some(logged)) => {
            let touched = logged.rows;
            let read = async {
                sqlx::raw_sql(READ).execute(&mut *transaction).await?;
                read_rows(&mut transaction, Some(&touched)).await
            };
            let mut now = within(READ_TIMEOUT, read).await?;
            now.version = moment.version;
            News::Delta(Box::new(Delta { touched, now }))
        }
    };
    within(LOOK_TIMEOUT, async { Ok(transaction.commit().await?) }).await?;
    Ok((news, moment))
}
