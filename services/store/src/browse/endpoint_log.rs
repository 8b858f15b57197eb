//! What became of a webhook endpoint's jobs.

use proto_events::{DestinationId, Service};

use super::deliveries::{DeliveryRow, ListedDelivery};
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
    /// The last attempts at an endpoint's destination, the newest first.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know.
    pub async fn endpoint_log(
        &self,
        destination: DestinationId,
        most: u32,
    ) -> Result<Vec<ListedDelivery>, StoreError> {
        let rows = sqlx::query_as!(
            DeliveryRow,
            "SELECT job_id, attempt, channel, event_source, event_id, event_name, recipient, destination, state,
                    reason, detail, provider_id, status, started_at, finished_at
             FROM deliveries
             WHERE channel = 'webhooks' AND destination = $1
             ORDER BY started_at DESC LIMIT $2",
            destination,
            i64::from(most)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(ListedDelivery::try_from).collect()
    }

    /// What waits for an endpoint's destination.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn endpoint_backlog(
        &self,
        destination: DestinationId,
    ) -> Result<Backlog, StoreError> {
        Ok(sqlx::query_as!(
            Backlog,
            r#"SELECT (SELECT count(*) FROM parked_jobs WHERE service = $2 AND destination = $1) AS "waiting!",
                      (SELECT count(*) FROM dead_letters
                       WHERE destination = $1 AND reason = 'endpoint_inactive' AND resolved_at IS NULL) AS "dead!",
                      (SELECT count(*) FROM deliveries
                       WHERE destination = $1 AND reason = 'not_kept') AS "not_kept!""#,
            destination,
            Service::WebhookSender.as_str()
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
