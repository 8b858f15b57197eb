//! Channels that a person holds: nothing is sent through them until the hold ends.

use std::time::Duration;

use chrono::{DateTime, Utc};
use proto_events::Service;

use crate::error::StoreError;
use crate::rows::{text, word};
use crate::store::Store;

/// How long a job that is held waits before the hold is looked at again. A hold has no end that jobs
/// could be given, so that ending one needs to wake nothing and can overtake nobody.
pub const HOLD_LOOK: Duration = Duration::from_secs(5);

/// A channel's hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The service that sends nothing.
    pub service: Service,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why, in the words of whoever holds it.
    pub note: String,
}

impl Store {
    /// Holds a service. One that is held keeps its time and gets the new note. False if it was held before.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn hold_service(&self, service: Service, note: &str) -> Result<bool, StoreError> {
        let new = sqlx::query_scalar!(
            r#"INSERT INTO holds (service, note) VALUES ($1, $2)
               ON CONFLICT (service) DO UPDATE SET note = EXCLUDED.note
               RETURNING since = now() AS "new!""#,
            service.as_str(),
            &*text(note),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(new)
    }

    /// Ends a hold; the lines move within [`HOLD_LOOK`]. False if there was none.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn release_service(&self, service: Service) -> Result<bool, StoreError> {
        let released = sqlx::query!("DELETE FROM holds WHERE service = $1", service.as_str())
            .execute(&self.pool)
            .await?;
        Ok(released.rows_affected() > 0)
    }

    /// Every hold, by service.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        let rows = sqlx::query!("SELECT service, since, note FROM holds ORDER BY service")
            .fetch_all(&self.pool)
            .await?;
        let holds = rows.into_iter().map(|row| {
            Ok(Hold {
                service: word("holds.service", &row.service)?,
                since: row.since,
                note: row.note,
            })
        });
        holds.collect()
    }
}
