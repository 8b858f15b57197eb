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
    job: String,
    /// Which attempt, from 1.
    attempt: i32,
    channel: Channel,
    event_source: String,
    event_id: String,
    event_name: String,
    /// Id of the user; null: the system.
    recipient: Option<i64>,
    /// Where it went.
    destination: Option<i64>,
    /// Where the attempt left the job.
    state: Standing,
    /// Why it did not succeed.
    reason: Option<Reason>,
    /// What was seen.
    detail: Option<String>,
    /// The receiver's own identifier of the message.
    provider_id: Option<String>,
    /// The protocol's status, e.g. 200 or 250.
    status: Option<i32>,
    started_at: DateTime<Utc>,
    /// Null while it is under way.
    finished_at: Option<DateTime<Utc>>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/deliveries/", "Attempts to deliver, the newest first; alerts are in alerts", list)
            .filters(&PAGING)
            .filters(&[
                ("job", "Attempts of this job and of its replays."),
                ("event", "Attempts for the event of this id."),
                ("event_source", "Attempts for events of this source."),
                ("channel", "Attempts over this channel."),
                ("state", "Attempts that left their job so."),
                ("reason", "Attempts that failed so."),
                ("recipient", "Attempts for this user."),
                ("destination", "Attempts at this destination."),
                ("since", "Begun then or later; without it, without a job and without an event with its source, the last 24 hours."),
                ("until", "Begun before."),
            ])
            .gives::<List<Delivery>>(),
    ]
}

async fn list(
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
        recipient: query.get("recipient")?,
        destination: query.get("destination")?,
        since: query.get("since")?,
        until: query.get("until")?,
        of: caller.own(),
    };
    let is_found_at_once =
        filter.job.is_some() || filter.event_source.is_some() && filter.event_id.is_some();
    if filter.since.is_none() && !is_found_at_once {
        filter.since = Some(filter.until.unwrap_or_else(Utc::now) - RECENT);
    }
    let page = app.store.deliveries_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
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
