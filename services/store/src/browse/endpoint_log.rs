//! What became of a webhook endpoint's jobs.

use proto_events::{DestinationId, Service};

use super::attempts::{DeliveryRow, ListedDelivery};
use crate::error::StoreError;
use crate::store::Store;

/// How many jobs of an endpoint wait, and how many are waited for no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Jobs in its line.
    pub waiting: i64,
    /// Jobs that lie in the dead letters because it is not in use.
    pub dead: i64,
    /// More that were given up, and not kept.
    pub not_kept: i64,
}

impl Store {
    /// The last attempts at an endpoint's destination, the newest first: all of them, or those that
    /// were addressed to a person. An endpoint may have had another owner before.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn endpoint_log(
        &self,
        destination: DestinationId,
        of: Option<i64>,
        most: u32,
    ) -> Result<Vec<ListedDelivery>, StoreError> {
        let rows = sqlx::query_as!(
            DeliveryRow,
            "SELECT job_id, attempt, channel, event_source, event_id, event_name, recipient, destination, state,
                    reason, detail, provider_id, status, started_at, finished_at
             FROM deliveries
             WHERE channel = 'webhooks' AND destination = $1 AND ($2::bigint IS NULL OR recipient = $2)
             ORDER BY started_at DESC LIMIT $3",
            destination,
            of,
            i64::from(most)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(ListedDelivery::try_from).collect()
    }

    /// What waits for an endpoint's destination, and what was given up: of all, or of what was
    /// addressed to a person. What waits is sent to whoever owns the endpoint, hence counted whole.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn endpoint_backlog(
        &self,
        destination: DestinationId,
        of: Option<i64>,
    ) -> Result<Backlog, StoreError> {
        Ok(sqlx::query_as!(
            Backlog,
            r#"SELECT (SELECT count(*) FROM parked_jobs WHERE service = $2 AND destination = $1) AS "waiting!",
                      (SELECT count(*) FROM dead_letters AS letter
                       WHERE destination = $1 AND reason = 'endpoint_inactive' AND resolved_at IS NULL
                         AND ($3::bigint IS NULL
                              OR EXISTS (SELECT FROM deliveries AS attempt
                                         WHERE attempt.job_id = letter.job_id AND attempt.recipient = $3)))
                          AS "dead!",
                      (SELECT count(*) FROM deliveries
                       WHERE destination = $1 AND reason = 'not_kept'
                         AND ($3::bigint IS NULL OR recipient = $3)) AS "not_kept!""#,
            destination,
            Service::WebhookSender.as_str(),
            of
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
