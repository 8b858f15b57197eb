//! Places that messages go to. Superusers see all of them and keep those with a filter; others
//! see their own.

mod edit;
mod new;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proto_events::Channel;
use proto_events::directory::Filter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::browse::{DestinationFilter, ListedDestination};
use store::{NewDestination, Window};

use super::content::Fields;
use super::form::overlay;
use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::{Caller, Superuser};
use crate::app::App;
use crate::refusal::Refusal;
use edit::Edit;
use new::{New, usable};

const LIST: &str = "/destinations/";
const ONE: &str = "/destinations/{id}/";

/// A place that messages go to.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Destination {
    pub(crate) id: i64,
    pub(crate) channel: Channel,
    /// Whose it is; null: the system's.
    pub(crate) user: Option<i64>,
    /// That user's name.
    pub(crate) username: Option<String>,
    /// The webhook endpoint.
    pub(crate) webhook: Option<i64>,
    /// What people call it.
    pub(crate) name: Option<String>,
    /// Mail address, Slack channel or the endpoint's URL; null if it is a secret.
    pub(crate) address: Option<String>,
    /// What it is told, in place of what the system's rule says; null: no filter.
    pub(crate) filter: Option<Filter>,
    /// Whether a person switched it off.
    pub(crate) switched_off: bool,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            LIST,
            "Places that messages go to: all of them, or your own",
            list,
        )
        .filters(&PAGING)
        .filters(&[
            ("id", "The place of this id."),
            ("channel", "Places of this channel."),
            ("name", "Of this name."),
            ("filtered", "With a filter, or without one."),
            ("search", "With this in name, address or username."),
        ])
        .gives::<List<Destination>>(),
        Route::post(LIST, "Make a destination with a filter", create)
            .takes::<New>()
            .gives::<Destination>()
            .with(StatusCode::CREATED),
        Route::get(ONE, "One place", read).gives::<Destination>(),
        Route::patch(
            ONE,
            "Change a destination with a filter: what it is told, and where it is",
            change,
        )
        .takes::<Edit>()
        .gives::<Destination>(),
        Route::delete(ONE, "Remove a destination with a filter", remove),
    ]
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Json<List<Destination>>, Refusal> {
    let window = query.window()?;
    let filter = DestinationFilter {
        id: query.get("id")?,
        channel: query.get("channel")?,
        name: query.get("name")?,
        filtered: query.get("filtered")?,
        search: query.get("search")?,
        of: caller.own(),
    };
    let page = app.store.destinations_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
}

pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Destination>, Refusal> {
    Ok(Json(found(&app, id, caller.own()).await?))
}

pub(crate) async fn create(
    State(app): State<App>,
    _: Superuser,
    Fields(fields): Fields,
) -> Result<(StatusCode, Json<Destination>), Refusal> {
    let form: New = overlay(&New::default(), fields, &[])?;
    let destination = usable(&app, form).await?;
    let Some(id) = app.store.add_destination(&destination).await? else {
        return Err(taken());
    };
    let made = found(&app, id, None).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

pub(crate) async fn change(
    State(app): State<App>,
    _: Superuser,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Destination>, Refusal> {
    let base = found(&app, id, None).await?;
    let (Some(name), Some(filter)) = (base.name, base.filter) else {
        let text = "Only a destination that was made with a filter has one.";
        return Err(Refusal::field("filter", text));
    };
    let was = Edit::of(base.channel, base.address, filter);
    let edit: Edit = overlay(&was, fields, &[])?;
    let store = &app.store;
    let is_there = match edit.moved(&app, &was, name, base.channel).await? {
        Some(moved) => {
            let NewDestination { place, filter, .. } = &moved;
            store.move_destination(id, place, filter).await?
        }
        None => store.change_filter(id, &edit.filter).await?,
    };
    // Somebody may have removed it since it was looked at.
    if !is_there {
        return Err(Refusal::changed());
    }
    Ok(Json(found(&app, id, None).await?))
}

pub(crate) async fn remove(
    State(app): State<App>,
    _: Superuser,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let it = found(&app, id, None).await?;
    let Some(name) = it.name.filter(|_| it.filter.is_some()) else {
        return Err(Refusal::general(
            "Only a destination with a filter is removed here; the others come and go with people, settings and endpoints.",
        ));
    };
    app.store.remove_destination(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn found(app: &App, id: i64, of: Option<i64>) -> Result<Destination, Refusal> {
    let filter = DestinationFilter {
        id: Some(id),
        of,
        ..DestinationFilter::default()
    };
    let page = app.store.destinations_page(&filter, Window::ONE).await?;
    page.first()
        .map(Destination::from)
        .ok_or(Refusal::NotFound("destination"))
}

fn taken() -> Refusal {
    Refusal::field("name", "destination with this name already exists.")
}

impl From<ListedDestination> for Destination {
    fn from(it: ListedDestination) -> Self {
        Self {
            id: it.id,
            channel: it.channel,
            user: it.user,
            username: it.username,
            webhook: it.webhook,
            name: it.name,
            address: it.address,
            filter: it.filter,
            switched_off: it.switched_off,
        }
    }
}
