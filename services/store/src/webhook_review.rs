//! Webhook endpoints as an operator sees them: where they stand, what waits, what became of them.

use chrono::{DateTime, Utc};
use proto_events::endpoint::EndpointState;

use crate::error::StoreError;
use crate::rows::word;
use crate::store::Store;

/// An endpoint, as time has made it. No secret.
#[derive(Clone, Debug)]
pub struct ReviewedWebhook {
    /// Its id.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Where requests go.
    pub url: String,
    /// The username of whom it belongs to; none: the system.
    pub owner: Option<String>,
    /// Where it stands.
    pub state: EndpointState,
    /// Whether a person switched it off.
    pub disabled_by_person: bool,
    /// When the trouble began that has not ended.
    pub first_error: Option<DateTime<Utc>>,
    /// When the last error was.
    pub last_error: Option<DateTime<Utc>>,
    /// What was noted last.
    pub note: Option<String>,
    /// Since when it has stood so.
    pub since: DateTime<Utc>,
    /// How many jobs wait in its line.
    pub waiting: i64,
    /// How many of its jobs lie in the dead letters because it is not in use.
    pub dead: i64,
    /// How many more were given up and not kept.
    pub not_kept: i64,
}

/// One step from state to state.
#[derive(Clone, Debug)]
pub struct WebhookTransition {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The state before.
    pub from: EndpointState,
    /// The state after.
    pub to: EndpointState,
    /// What was noted.
    pub note: Option<String>,
}

impl Store {
    /// All endpoints, by name.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn review_webhooks(&self) -> Result<Vec<ReviewedWebhook>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT w.id, w.name, w.url, u.username AS "owner?", w.disabled_by_person,
                      state.status AS "status!", state.first_error, state.last_error, state.note,
                      state.since AS "since!",
                      (SELECT count(*) FROM parked_jobs AS job WHERE job.destination = place.id) AS "waiting!",
                      (SELECT count(*) FROM dead_letters AS letter
                       WHERE letter.destination = place.id AND letter.reason = 'endpoint_inactive'
                         AND letter.resolved_at IS NULL) AS "dead!",
                      (SELECT count(*) FROM deliveries AS given_up
                       WHERE given_up.destination = place.id AND given_up.reason = 'not_kept') AS "not_kept!"
               FROM notification_webhooks AS w
               JOIN webhook_states AS state USING (id)
               LEFT JOIN destinations AS place ON place.webhook_id = w.id
               LEFT JOIN users AS u ON u.id = w.owner
               ORDER BY w.name"#
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ReviewedWebhook {
                    id: row.id,
                    name: row.name,
                    url: row.url,
                    owner: row.owner,
                    state: word("notification_webhooks.status", &row.status)?,
                    disabled_by_person: row.disabled_by_person,
                    first_error: row.first_error,
                    last_error: row.last_error,
                    note: row.note,
                    since: row.since,
                    waiting: row.waiting,
                    dead: row.dead,
                    not_kept: row.not_kept,
                })
            })
            .collect()
    }

    /// An endpoint's steps from state to state, the newest first: the last hundred.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn webhook_history(&self, id: i64) -> Result<Vec<WebhookTransition>, StoreError> {
        let rows = sqlx::query!(
            "SELECT at, from_state, to_state, note FROM webhook_transitions
             WHERE endpoint = $1 ORDER BY id DESC",
            id
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(WebhookTransition {
                    at: row.at,
                    from: word("webhook_transitions.from_state", &row.from_state)?,
                    to: word("webhook_transitions.to_state", &row.to_state)?,
                    note: row.note,
                })
            })
            .collect()
    }
}
