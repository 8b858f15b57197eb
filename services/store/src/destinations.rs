//! Where jobs go, with everything an attempt needs.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use proto_events::directory::User;
use proto_events::{Channel, DestinationId, EndpointState};
use secrecy::SecretString;
use sqlx::types::Json;

use crate::error::StoreError;
use crate::named::msteams_url;
use crate::rows::word;
use crate::settings::MSTEAMS_URL;
use crate::slack::SlackLookup;
use crate::store::Store;
use crate::vault::VaultError;
use crate::webhook_secrets::SealedSecrets;

/// What is behind a destination's id at this moment.
#[derive(Clone, Debug)]
pub enum Place {
    /// A mail address.
    Mail {
        /// The address, as it was entered.
        address: String,
    },
    /// A Slack channel.
    SlackChannel {
        /// Its name or id.
        channel: String,
    },
    /// A person in Slack.
    SlackUser {
        /// The person's id there, as the directory says.
        user_id: Option<String>,
        /// The address of the person's account there.
        email: String,
        /// What Slack said when the address was last looked up.
        lookup: Option<SlackLookup>,
    },
    /// A Teams workflow.
    Teams {
        /// Its URL, which whoever knows it may post to.
        url: SecretString,
    },
    /// A webhook endpoint that is in use.
    Webhook(Box<Endpoint>),
    /// It is left alone after an error (an endpoint for 60 s, DefectDojo
    /// `notifications/helper.py`): jobs wait in its line.
    Resting {
        /// When it may be tried again.
        until: DateTime<Utc>,
    },
    /// An endpoint that was disabled, by a person or by its failures.
    Disabled,
    /// No such row, removed, without an address, or of a user who is inactive or deleted.
    Gone,
    /// It is there, but its secret cannot be read.
    Sealed(VaultError),
}

/// A webhook endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Where requests go.
    pub url: String,
    /// A header that every request carries.
    pub header_name: Option<String>,
    /// That header's value.
    pub header_value: Option<SecretString>,
    /// What requests are signed with: nothing, one secret, or two during a rotation, the new
    /// one first.
    pub signing_secrets: Vec<SecretString>,
    /// Whose notifications it gets; none: the system's.
    pub owner: Option<User>,
}

/// A destination's row with all it may point to.
struct Row {
    id: DestinationId,
    channel: String,
    address: Option<String>,
    gone: bool,
    slack_channel: String,
    msteams_url: Option<Vec<u8>>,
    named: bool,
    owner: Option<Json<User>>,
    slack_id: Option<String>,
    looked_up_at: Option<DateTime<Utc>>,
    webhook_id: Option<i64>,
    name: Option<String>,
    url: Option<String>,
    header_name: Option<String>,
    header_value: Option<Vec<u8>>,
    signing_secret: Option<Vec<u8>>,
    previous_signing_secret: Option<Vec<u8>>,
    status: Option<String>,
    rests_until: Option<DateTime<Utc>>,
}

impl Store {
    /// Looks up destinations; every id asked for is in the answer.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know. A secret that
    /// cannot be read is no error but [`Place::Sealed`]: it concerns one place.
    pub async fn destinations(
        &self,
        ids: &[DestinationId],
    ) -> Result<HashMap<DestinationId, Place>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT d.id, d.channel, d.address, s.slack_channel,
                      CASE WHEN d.name IS NULL THEN s.msteams_url ELSE d.msteams_url END AS msteams_url,
                      d.name IS NOT NULL AS "named!",
                      d.gone_at IS NOT NULL
                          OR (d.user_id IS NOT NULL AND (NOT u.active OR u.deleted_at IS NOT NULL)) AS "gone!",
                      to_jsonb(u) AS "owner?: Json<User>",
                      looked_up.slack_id AS "slack_id?", looked_up.looked_up_at AS "looked_up_at?",
                      w.id AS "webhook_id?", w.name AS "name?", w.url AS "url?",
                      w.header_name AS "header_name?", w.header_value AS "header_value?",
                      w.signing_secret AS "signing_secret?",
                      CASE WHEN w.previous_signs_until > now() THEN w.previous_signing_secret END
                          AS "previous_signing_secret?",
                      state.status AS "status?",
                      w.last_error + interval '60 seconds' AS rests_until
               FROM destinations AS d
               CROSS JOIN system_settings AS s
               LEFT JOIN users AS u ON u.id = d.user_id
               LEFT JOIN slack_lookups AS looked_up
                   ON d.channel = 'slack' AND looked_up.user_id = u.id AND looked_up.email = u.slack_email
               LEFT JOIN notification_webhooks AS w ON w.id = d.webhook_id
               LEFT JOIN webhook_states AS state ON state.id = d.webhook_id
               WHERE d.id = ANY($1)"#,
            ids
        )
        .fetch_all(&self.pool)
        .await?;
        let mut places: HashMap<DestinationId, Place> =
            ids.iter().map(|id| (*id, Place::Gone)).collect();
        for row in rows {
            places.insert(row.id, self.place(row)?);
        }
        Ok(places)
    }

    fn place(&self, row: Row) -> Result<Place, StoreError> {
        if row.gone {
            return Ok(Place::Gone);
        }
        let place = match word("destinations.channel", &row.channel)? {
            Channel::Alert => None,
            Channel::Mail => row
                .address
                .or(row.owner.map(|user| user.0.email))
                .map(|address| Place::Mail { address }),
            Channel::Slack => match row.owner {
                None => Some(Place::SlackChannel {
                    channel: row.address.unwrap_or(row.slack_channel),
                }),
                Some(Json(User {
                    slack_email,
                    slack_user_id: user_id,
                    ..
                })) => slack_email.map(|email| Place::SlackUser {
                    user_id,
                    email,
                    lookup: row.looked_up_at.map(|at| SlackLookup {
                        id: row.slack_id,
                        at,
                    }),
                }),
            },
            Channel::Msteams => row.msteams_url.map(|sealed| {
                let cell = if row.named {
                    msteams_url(row.id)
                } else {
                    MSTEAMS_URL
                };
                self.vault
                    .open(cell, &sealed)
                    .map_or_else(Place::Sealed, |url| Place::Teams { url })
            }),
            Channel::Webhooks => self.endpoint(row)?,
        };
        Ok(place.unwrap_or(Place::Gone))
    }

    fn endpoint(&self, row: Row) -> Result<Option<Place>, StoreError> {
        let (Some(id), Some(name), Some(url), Some(status)) =
            (row.webhook_id, row.name, row.url, row.status)
        else {
            return Ok(None);
        };
        match (
            word("notification_webhooks.status", &status)?,
            row.rests_until,
        ) {
            (EndpointState::InactiveTmp, Some(until)) => {
                return Ok(Some(Place::Resting { until }));
            }
            (EndpointState::InactivePermanent, _) => return Ok(Some(Place::Disabled)),
            _ => {}
        }
        let sealed = SealedSecrets {
            header_value: row.header_value,
            signing_secret: row.signing_secret,
            previous_signing_secret: row.previous_signing_secret,
        };
        let (header_value, signing_secrets) = match self.open_webhook(id, sealed) {
            Ok(secrets) => secrets,
            Err(error) => return Ok(Some(Place::Sealed(error))),
        };
        let owner = row.owner.map(|user| user.0);
        Ok(Some(Place::Webhook(Box::new(Endpoint {
            id,
            name,
            url,
            header_name: row.header_name,
            header_value,
            signing_secrets,
            owner,
        }))))
    }
}
