//! The delivery log: superusers read all of it, everybody what was addressed to them.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto_events::outcome::State as Standing;
use proto_events::{Channel, Reason};
use schemars::JsonSchema;
use serde::Serialize;
use store::browse::{DeliveryFilter, ListedDelivery};

use super::events::RECENT;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;

/// An attempt to deliver.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Delivery {
    /// The job.
    pub(crate) job: String,
    /// Which attempt, from 1.
    pub(crate) attempt: i32,
    pub(crate) channel: Channel,
    pub(crate) event_source: String,
    pub(crate) event_id: String,
    pub(crate) event_name: String,
    /// Id of the user; null: the system.
    pub(crate) recipient: Option<i64>,
    /// Where it went.
    pub(crate) destination: Option<i64>,
    /// Where the attempt left the job.
    pub(crate) state: Standing,
    /// Why it did not succeed.
    pub(crate) reason: Option<Reason>,
    /// What was seen.
    pub(crate) detail: Option<String>,
    /// The receiver's own identifier of the message.
    pub(crate) provider_id: Option<String>,
    /// The protocol's status, e.g. 200 or 250.
    pub(crate) status: Option<i32>,
    pub(crate) started_at: DateTime<Utc>,
    /// Null while it is under way.
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/deliveries/", "Attempts to deliver, the newest first; alerts are in alerts", list)
            .filters(&PAGING)
            .filters(&[
                ("job", "Attempts of this job and of its replays."),
                ("event", "Attempts for the event of this id."),
                ("event_source", "Attempts for events of this source."),
                ("event_name", "Attempts for events of this name."),
                ("channel", "Attempts over this channel."),
                ("state", "Attempts that left their job so."),
                ("reason", "Attempts that failed so."),
                ("recipient", "Attempts for this user."),
                ("username", "Attempts for the user of this name."),
                ("destination", "Attempts at this destination."),
                ("last", "true: only the last attempt of each job."),
                ("since", "Begun then or later; without it, without a job and without an event, the last 24 hours."),
                ("until", "Begun before."),
            ])
            .gives::<List<Delivery>>(),
    ]
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Json<List<Delivery>>, Refusal> {
    let window = query.window()?;
    let mut filter = DeliveryFilter {
        job: query.get("job")?,
        event_source: query.get("event_source")?,
        event_id: query.get("event")?,
        channel: query.get("channel")?,
        state: query.get("state")?,
        reason: query.get("reason")?,
        event_name: query.get("event_name")?,
        jobs: None,
        last: query.get("last")?.unwrap_or_default(),
        recipient: query.get("recipient")?,
        destination: query.get("destination")?,
        since: query.get("since")?,
        until: query.get("until")?,
        of: caller.own(),
    };
    if let Some(username) = query.get::<String>("username")? {
        filter.recipient = Some(named(&app, &caller, &username).await?);
    }
    let is_found_at_once = filter.job.is_some() || filter.event_id.is_some();
    if filter.since.is_none() && !is_found_at_once {
        filter.since = Some(filter.until.unwrap_or_else(Utc::now) - RECENT);
    }
    let page = app.store.deliveries_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
}

/// The id of the user of this name. Only superusers learn whether there is one.
async fn named(app: &App, caller: &Caller, username: &str) -> Result<i64, Refusal> {
    if caller.superuser {
        let names = [username.to_owned()];
        let found = app.store.user_ids(&names).await?.into_values().next();
        found.ok_or_else(|| Refusal::field("username", "Nobody has this username."))
    } else if caller.username == username {
        Ok(caller.id)
    } else {
        Err(Refusal::field(
            "username",
            "You see what was addressed to you.",
        ))
    }
}

impl From<ListedDelivery> for Delivery {
    fn from(delivery: ListedDelivery) -> Self {
        Self {
            job: delivery.job.to_string(),
            attempt: delivery.attempt,
            channel: delivery.channel,
            event_source: delivery.event_source,
            event_id: delivery.event_id,
            event_name: delivery.event_name,
            recipient: delivery.recipient,
            destination: delivery.destination,
            state: delivery.state,
            reason: delivery.reason,
            detail: delivery.detail,
            provider_id: delivery.provider_id,
            status: delivery.status,
            started_at: delivery.started_at,
            finished_at: delivery.finished_at,
        }
    }
}
