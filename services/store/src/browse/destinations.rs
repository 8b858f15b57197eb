//! Places that jobs go to.

use proto_events::directory::Filter;
use proto_events::{Channel, DestinationId};
use serde::Deserialize;
use sqlx::types::Json;

use crate::error::StoreError;
use crate::pages::{Page, Window};
use crate::rows::{json, owned};
use crate::store::Store;

/// Which places are meant: those that agree with every member.
#[derive(Clone, Debug, Default)]
pub struct DestinationFilter {
    /// The place of this id.
    pub id: Option<DestinationId>,
    /// Of this channel.
    pub channel: Option<Channel>,
    /// Of this name.
    pub name: Option<String>,
    /// Those that have a filter, or those that have none.
    pub filtered: Option<bool>,
    /// With this in name, address or username, in whatever case.
    pub search: Option<String>,
    /// Only what belongs to this person.
    pub of: Option<i64>,
}

/// A place that is in use. No secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedDestination {
    /// Its id.
    pub id: DestinationId,
    /// The channel it belongs to.
    pub channel: Channel,
    /// Whose it is; none: the system's.
    pub user: Option<i64>,
    /// That user's name.
    pub username: Option<String>,
    /// The webhook endpoint.
    pub webhook: Option<i64>,
    /// What people call it.
    pub name: Option<String>,
    /// Mail address, Slack channel or the endpoint's URL; none if it is a secret.
    pub address: Option<String>,
    /// What it is told, if it has a filter.
    pub filter: Option<Filter>,
    /// Whether a person switched it off.
    pub switched_off: bool,
}

impl Store {
    /// A page of the places that are in use, by id.
    ///
    /// # Errors
    /// If the database is away, or holds a filter this release does not know.
    pub async fn destinations_page(
        &self,
        filter: &DestinationFilter,
        window: Window,
    ) -> Result<Page<ListedDestination>, StoreError> {
        let found = sqlx::query!(
            r#"WITH matching AS (
                   SELECT d.id, d.channel, d.user_id AS "user", u.username, d.webhook_id AS webhook,
                          coalesce(d.name, w.name) AS name,
                          CASE d.channel
                              WHEN 'mail' THEN coalesce(d.address, u.email)
                              WHEN 'slack' THEN coalesce(d.address, u.slack_email, s.slack_channel)
                              WHEN 'webhooks' THEN w.url
                          END AS address,
                          d.filter, d.switched_off
                   FROM destinations AS d
                   CROSS JOIN system_settings AS s
                   LEFT JOIN users AS u ON u.id = d.user_id
                   LEFT JOIN notification_webhooks AS w ON w.id = d.webhook_id
                   WHERE d.gone_at IS NULL
                     AND ($1::bigint IS NULL OR d.id = $1) AND ($2::text IS NULL OR d.channel = $2)
                     AND ($3::text IS NULL OR coalesce(d.name, w.name) = $3)
                     AND ($4::bigint IS NULL OR d.user_id = $4)
                     AND ($7::boolean IS NULL OR (d.filter IS NOT NULL) = $7)
               ), found AS (
                   SELECT * FROM matching
                   WHERE $8::text IS NULL OR strpos(lower(concat_ws(E'\n', name, address, username)), lower($8)) > 0
               ), page AS (SELECT * FROM found ORDER BY id LIMIT $5 OFFSET $6)
               SELECT (SELECT count(*) FROM found) AS "count!",
                      coalesce((SELECT jsonb_agg(to_jsonb(page) ORDER BY id) FROM page), '[]')
                          AS "rows!: Json<Vec<ListedDestination>>""#,
            filter.id,
            filter.channel.map(Channel::as_str),
            filter.name.as_deref().map(owned),
            filter.of,
            i64::from(window.limit),
            window.offset,
            filter.filtered,
            filter.search.as_deref().map(owned)
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Page {
            count: found.count,
            rows: found.rows.0,
        })
    }

    /// Replaces the filter of a destination that has one. Says whether it was there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn change_filter(
        &self,
        id: DestinationId,
        filter: &Filter,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE destinations SET filter = $2 WHERE id = $1 AND filter IS NOT NULL AND gone_at IS NULL",
            id,
            json(serde_json::to_value(filter)?)
        )
        .execute(&self.pool)
        .await?;
        Ok(changed.rows_affected() > 0)
    }
}
