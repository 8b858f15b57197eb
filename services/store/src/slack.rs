//! What slack-sender has found out and begun, for all its replicas.

use chrono::{DateTime, Utc};
use proto_events::DestinationId;

use crate::error::StoreError;
use crate::rows::owned;
use crate::store::Store;

/// What Slack said when a person was looked up by the address of their account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackLookup {
    /// The person's id there; none if nobody had the address.
    pub id: Option<String>,
    /// When that was.
    pub at: DateTime<Utc>,
}

/// Where the messages about an engagement stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackThread {
    /// The destination.
    pub destination: DestinationId,
    /// The engagement's id in DefectDojo.
    pub engagement: i64,
    /// The channel behind the destination now; a thread begun in another one is over.
    pub channel: String,
}

impl Store {
    /// Keeps what Slack said of a person's address, unless something newer is known; nothing
    /// if the person is not known any more.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn remember_slack_lookup(
        &self,
        user: i64,
        email: &str,
        lookup: &SlackLookup,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO slack_lookups AS known (user_id, email, slack_id, looked_up_at)
             SELECT id, $2, $3, $4 FROM users WHERE id = $1
             ON CONFLICT (user_id) DO UPDATE
             SET email = EXCLUDED.email, slack_id = EXCLUDED.slack_id, looked_up_at = EXCLUDED.looked_up_at
             WHERE known.looked_up_at <= EXCLUDED.looked_up_at",
            user,
            owned(email),
            lookup.id.as_deref().map(owned),
            lookup.at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The message that began a thread, if one did.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn slack_thread(&self, thread: &SlackThread) -> Result<Option<String>, StoreError> {
        let ts = sqlx::query_scalar!(
            "SELECT ts FROM slack_threads WHERE destination = $1 AND engagement = $2 AND channel = $3",
            thread.destination,
            thread.engagement,
            owned(&thread.channel),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(ts)
    }

    /// Has a message begin a thread, in the place of the one that is gone (`gone`). Where
    /// somebody else has begun it meanwhile, theirs stays.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn begin_slack_thread(
        &self,
        thread: &SlackThread,
        ts: &str,
        gone: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO slack_threads AS known (destination, engagement, channel, ts) VALUES ($1, $2, $3, $4)
             ON CONFLICT (destination, engagement) DO UPDATE SET channel = EXCLUDED.channel, ts = EXCLUDED.ts
             WHERE known.channel <> EXCLUDED.channel OR known.ts = $5",
            thread.destination,
            thread.engagement,
            owned(&thread.channel),
            owned(ts),
            gone.map(owned),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
