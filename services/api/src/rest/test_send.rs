//! Test messages: superusers to every place, everybody to their own.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use delivery::test_message::{test_message, test_of_event};
use proto_events::{Address, Channel, Event, Recipient, Target};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Window;
use store::browse::{DestinationFilter, PeopleFilter};

use super::content::Fields;
use super::form::overlay;
use super::route::Route;
use crate::access::{Caller, Superuser};
use crate::app::App;
use crate::refusal::Refusal;

/// Where to send a test message.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Wanted {
    /// The destination; null: your own alerts.
    destination: Option<i64>,
    /// What it tells of (CloudEvents JSON), for superusers; null: a few words that it is a test.
    event: Option<Value>,
}

/// What was sent.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Sent {
    /// The job; deliveries with this `job` tell what becomes of it.
    pub(crate) job: String,
    pub(crate) channel: Channel,
    pub(crate) destination: Option<i64>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/test_send/",
            "Send a test message to a destination, on the way that all messages take",
            send,
        )
        .takes::<Wanted>()
        .gives::<Sent>()
        .with(StatusCode::ACCEPTED),
    ]
}

pub(crate) async fn send(
    State(app): State<App>,
    caller: Caller,
    Fields(fields): Fields,
) -> Result<(StatusCode, Json<Sent>), Refusal> {
    let Wanted { destination, event } = overlay(&Wanted::default(), fields, &[])?;
    let to = match destination {
        Some(id) => place(&app, &caller, id).await?,
        None => Target::Alert {
            recipients: vec![Some(caller.id)],
        },
    };
    let channel = to.channel();
    let message = match event {
        None => test_message(app.names(), to, &caller.username, Utc::now()),
        Some(event) => {
            Superuser::of(&caller)?;
            usable(&event)?;
            test_of_event(app.names(), to, event, Utc::now())
        }
    };
    let (job, outgoing) = message.map_err(|error| Refusal::Broken(error.into()))?;
    app.publish(&[outgoing]).await?;
    let sent = Sent {
        job: job.to_string(),
        channel,
        destination,
    };
    Ok((StatusCode::ACCEPTED, Json(sent)))
}

/// What a sender could not read is not sent to one.
fn usable(event: &Value) -> Result<(), Refusal> {
    let read = Event::parse(event.to_string().as_bytes());
    read.map(|_| ())
        .map_err(|problem| Refusal::field("event", problem.to_string()))
}

/// The place of an id, if it is in use and the caller may try it.
async fn place(app: &App, caller: &Caller, id: i64) -> Result<Target, Refusal> {
    let missing = || {
        let text = format!("Invalid pk \"{id}\" - object does not exist.");
        Refusal::field("destination", text)
    };
    let filter = DestinationFilter {
        id: Some(id),
        of: caller.own(),
        ..DestinationFilter::default()
    };
    let place = app.store.destinations_page(&filter, Window::ONE).await?;
    let place = place.first().ok_or_else(missing)?;
    let recipient = match place.user {
        None => None,
        Some(user) => {
            let filter = PeopleFilter {
                id: Some(user),
                ..PeopleFilter::default()
            };
            let user = app.store.people_page(&filter, Window::ONE).await?.first();
            let user = user.ok_or_else(missing)?;
            Some(Recipient {
                id: user.id,
                username: user.username,
            })
        }
    };
    let address = Address {
        destination: id,
        recipient,
    };
    Target::at(place.channel, address).ok_or_else(missing)
}
