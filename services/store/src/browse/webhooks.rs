//! Webhook endpoints, one by one.

use chrono::{DateTime, Utc};
use proto_events::DestinationId;
use serde::Deserialize;
use sqlx::types::Json;

use crate::error::StoreError;
use crate::pages::{Change, Page, Window};
use crate::rows::{owned, text};
use crate::secret_change::SecretChange;
use crate::store::Store;
use crate::webhooks::header_value;

/// Which endpoints are meant: those that agree with every member.
#[derive(Clone, Debug, Default)]
pub struct WebhookFilter {
    /// The endpoint of this id.
    pub id: Option<i64>,
    /// Of this name.
    pub name: Option<String>,
    /// That stand so.
    pub status: Option<String>,
    /// That belong to this user.
    pub owner: Option<i64>,
    /// That belong to the user of this name.
    pub owner_name: Option<String>,
    /// That belong to the system.
    pub system: bool,
    /// With this in name or URL, in whatever case.
    pub search: Option<String>,
    /// By name instead of by id.
    pub by_name: bool,
    /// Only what belongs to this person.
    pub of: Option<i64>,
}

/// An endpoint as time has made it. No secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedWebhook {
    /// Its id.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Where requests go.
    pub url: String,
    /// A header that every request carries.
    pub header_name: Option<String>,
    /// Whether that header has a value.
    pub has_header_value: bool,
    /// Whether requests are signed.
    pub signed: bool,
    /// Tells one signing secret from the next, and nothing else about it.
    pub secret_mark: Option<String>,
    /// Until when the secret before signs too.
    pub previous_signs_until: Option<DateTime<Utc>>,
    /// Where it stands.
    pub status: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Whether a person switched it off.
    pub disabled_by_person: bool,
    /// When the trouble began that has not ended.
    pub first_error: Option<DateTime<Utc>>,
    /// When the last error was.
    pub last_error: Option<DateTime<Utc>>,
    /// What was noted last.
    pub note: Option<String>,
    /// Whose notifications it gets; none: the system's.
    pub owner: Option<i64>,
    /// That user's name.
    pub owner_name: Option<String>,
    /// Its destination.
    pub destination: DestinationId,
    /// Another one after every change by a person, so that nobody writes over what they have not
    /// seen. What deliveries make of where it stands is no such change.
    pub version: String,
}

/// What a person may write of an endpoint that is there.
#[derive(Clone, Debug)]
pub struct WebhookEdit {
    /// Its unique name, 1 to 100 characters.
    pub name: String,
    /// Where requests go, up to 200 characters.
    pub url: String,
    /// A header that every request carries; an empty name is none.
    pub header_name: Option<String>,
    /// That header's value.
    pub header_value: SecretChange,
    /// Whose notifications it gets; none: the system's.
    pub owner: Option<i64>,
}

impl Store {
    /// A page of endpoints.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn webhooks_page(
        &self,
        filter: &WebhookFilter,
        window: Window,
    ) -> Result<Page<ListedWebhook>, StoreError> {
        let found = sqlx::query!(
            r#"WITH matching AS (
                   SELECT w.id, w.name, w.url, w.header_name, w.header_value IS NOT NULL AS has_header_value,
                          w.signing_secret IS NOT NULL AS signed,
                          encode(sha256(w.signing_secret), 'hex') AS secret_mark,
                          CASE WHEN w.previous_signs_until > now() THEN w.previous_signs_until END
                              AS previous_signs_until,
                          state.status, state.since, state.first_error, state.last_error, state.note,
                          w.disabled_by_person, w.owner, u.username AS owner_name, place.id AS destination,
                          encode(sha256(convert_to((w.name, w.url, w.header_name, w.header_value, w.owner)::text, 'UTF8')),
                                 'hex') AS version
                   FROM notification_webhooks AS w
                   JOIN webhook_states AS state ON state.id = w.id
                   JOIN destinations AS place ON place.webhook_id = w.id
                   LEFT JOIN users AS u ON u.id = w.owner
                   WHERE ($1::bigint IS NULL OR w.id = $1) AND ($2::text IS NULL OR w.name = $2)
                     AND ($3::text IS NULL OR state.status = $3) AND ($4::bigint IS NULL OR w.owner = $4)
                     AND ($5::bigint IS NULL OR w.owner = $5) AND (NOT $8::boolean OR w.owner IS NULL)
                     AND ($11::text IS NULL OR u.username = $11)
                     AND ($9::text IS NULL OR strpos(lower(w.name), lower($9)) > 0
                          OR strpos(lower(w.url), lower($9)) > 0)
               ), page AS (
                   SELECT * FROM matching
                   ORDER BY CASE WHEN $10::boolean THEN lower(name) END, id LIMIT $6 OFFSET $7
               )
               SELECT (SELECT count(*) FROM matching) AS "count!",
                      coalesce(
                          (SELECT jsonb_agg(to_jsonb(page) ORDER BY CASE WHEN $10 THEN lower(name) END, id)
                           FROM page), '[]') AS "rows!: Json<Vec<ListedWebhook>>""#,
            filter.id,
            filter.name.as_deref().map(owned),
            filter.status,
            filter.owner,
            filter.of,
            i64::from(window.limit),
            window.offset,
            filter.system,
            filter.search.as_deref().map(owned),
            filter.by_name,
            filter.owner_name.as_deref().map(owned)
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Page {
            count: found.count,
            rows: found.rows.0,
        })
    }

    /// Writes what a person may write of an endpoint, as long as it is the one of a version; where it
    /// stands is left as it is. One that was changed since counts as gone.
    ///
    /// # Errors
    /// If the database is away, a text is too long, the owner is unknown, or there is no key to
    /// encrypt the header's value with.
    pub async fn change_webhook(
        &self,
        id: i64,
        version: &str,
        edit: &WebhookEdit,
    ) -> Result<Change, StoreError> {
        let (leave, value) = self.sealed(header_value(id), &edit.header_value)?;
        let name = edit.header_name.as_deref();
        let changed = sqlx::query!(
            "UPDATE notification_webhooks SET name = $2, url = $3, header_name = $4, owner = $5,
                 header_value = CASE WHEN $6 THEN header_value ELSE $7 END
             WHERE id = $1
               AND encode(sha256(convert_to((name, url, header_name, header_value, owner)::text, 'UTF8')), 'hex') = $8",
            id,
            &text(&edit.name),
            &text(&edit.url),
            name.filter(|name| !name.is_empty()).map(owned),
            edit.owner,
            leave,
            value,
            version
        )
        .execute(&self.pool)
        .await
        .map_err(StoreError::from);
        Change::of(changed, "notification_webhooks_name_key")
    }
}
