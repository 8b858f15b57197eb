//! What a sender looks at before it claims jobs: where they go, who rests, who waits in line.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use proto_events::directory::{Settings, User};
use proto_events::{Channel, DestinationId, EndpointState, Service};
use sqlx::types::Json;

use crate::destinations::{Endpoint, Place};
use crate::error::StoreError;
use crate::holds::HOLD_LOOK;
use crate::named::msteams_url;
use crate::rows::word;
use crate::settings::{DeliverySettings, MSTEAMS_URL};
use crate::slack::SlackLookup;
use crate::store::Store;
use crate::webhook_secrets::SealedSecrets;

/// What jobs find when they are about to be attempted, all of one moment.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// System Settings.
    pub settings: DeliverySettings,
    /// Where they go: every id that was asked for.
    pub places: HashMap<DestinationId, Place>,
    /// Behind whose lines new jobs must wait: destinations that have one, and webhook endpoints
    /// on trial after an error, which get one job at a time.
    pub lines: HashSet<DestinationId>,
    /// Who is left alone, and until when. A pause of the whole service counts for each of its
    /// destinations, and so does a person's hold, for as long as [`HOLD_LOOK`].
    pub pauses: HashMap<DestinationId, DateTime<Utc>>,
}

/// System Settings, and a destination with all it may point to. Without destinations there is
/// one row; the settings stand in the first.
struct Row {
    settings: Option<Json<Settings>>,
    slack_token: Option<Vec<u8>>,
    asked: Option<DestinationId>,
    in_line: bool,
    paused_until: Option<DateTime<Utc>>,
    channel: Option<String>,
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
    /// Looks around for jobs of a service that go to these destinations.
    ///
    /// # Errors
    /// If the database is away, or holds a word this release does not know. A secret that
    /// cannot be read is no error but [`Place::Sealed`]: it concerns one place.
    pub async fn surroundings(
        &self,
        service: Service,
        destinations: &[DestinationId],
    ) -> Result<Surroundings, StoreError> {
        let mut asked = destinations.to_vec();
        asked.sort_unstable();
        asked.dedup();
        // The array in a subquery keeps one plan, as in `Store::claim`.
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT CASE WHEN coalesce(n, 1) = 1 THEN to_jsonb(s) - 'slack_token' - 'msteams_url' END
                          AS "settings?: Json<Settings>",
                      CASE WHEN coalesce(n, 1) = 1 THEN s.slack_token END AS slack_token,
                      asked.id AS "asked?",
                      EXISTS (SELECT FROM parked_jobs AS waits
                              WHERE waits.service = $2 AND waits.destination = asked.id)
                          OR coalesce(state.status = 'active_tmp' AND state.first_error IS NOT NULL, false)
                          AS "in_line!",
                      greatest(
                          (SELECT max(pauses.paused_until) FROM pauses
                           WHERE pauses.service = $2 AND pauses.paused_until > now()
                             AND (pauses.destination = asked.id OR pauses.destination IS NULL)),
                          (SELECT now() + make_interval(secs => $3) FROM holds WHERE holds.service = $2)
                      ) AS paused_until,
                      d.channel AS "channel?", d.address, s.slack_channel,
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
               FROM system_settings AS s
               LEFT JOIN UNNEST((SELECT $1::bigint[])) WITH ORDINALITY AS asked (id, n) ON true
               LEFT JOIN destinations AS d ON d.id = asked.id
               LEFT JOIN users AS u ON u.id = d.user_id
               LEFT JOIN slack_lookups AS looked_up
                   ON d.channel = 'slack' AND looked_up.user_id = u.id AND looked_up.email = u.slack_email
               LEFT JOIN notification_webhooks AS w ON w.id = d.webhook_id
               LEFT JOIN webhook_states AS state ON state.id = d.webhook_id"#,
            &asked,
            service.as_str(),
            HOLD_LOOK.as_secs_f64(),
        )
        .fetch_all(&self.pool)
        .await?;
        self.seen(rows)
    }

    fn seen(&self, rows: Vec<Row>) -> Result<Surroundings, StoreError> {
        let (mut settings, mut slack_token) = (None, None);
        let (mut places, mut lines, mut pauses) = (HashMap::new(), HashSet::new(), HashMap::new());
        for mut row in rows {
            if let Some(Json(first)) = row.settings.take() {
                (settings, slack_token) = (Some(first), row.slack_token.take());
            }
            let Some(id) = row.asked else { continue };
            if row.in_line {
                lines.insert(id);
            }
            pauses.extend(row.paused_until.map(|until| (id, until)));
            places.insert(id, self.place(id, row)?);
        }
        Ok(Surroundings {
            settings: self.opened(settings.ok_or(sqlx::Error::RowNotFound)?, slack_token),
            places,
            lines,
            pauses,
        })
    }

    fn place(&self, id: DestinationId, row: Row) -> Result<Place, StoreError> {
        let Some(channel) = row.channel.as_deref().filter(|_| !row.gone) else {
            return Ok(Place::Gone);
        };
        let place = match word("destinations.channel", channel)? {
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
                    msteams_url(id)
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
