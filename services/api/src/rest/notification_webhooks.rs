//! Webhook endpoints: a superuser keeps all of them, everybody their own.

pub(crate) mod actions;
pub(crate) mod detail;
mod form;
pub(crate) mod secret;
pub(crate) mod tried;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proto_events::EndpointState;
use store::browse::{WebhookEdit, WebhookFilter};
use store::{Change, NewWebhook, Window};

use super::content::Fields;
use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;
pub(crate) use form::Webhook;
use form::{guard_secret, written};

const LIST: &str = "/notification_webhooks/";
const ONE: &str = "/notification_webhooks/{id}/";

/// DefectDojo's name for one, in its complaints.
const NAME: &str = "Notification_Webhooks";

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get(LIST, "Webhook endpoints: all of them, or your own", list)
            .filters(&PAGING)
            .filters(&[
                ("id", "The endpoint of this id."),
                ("name", "The endpoint of this name."),
                ("status", "Endpoints that stand so."),
                ("owner", "Endpoints of this user."),
                ("owner_name", "Endpoints of the user of this name."),
                ("system", "Endpoints of the system."),
                ("search", "Endpoints with this in name or URL."),
            ])
            .gives::<List<Webhook>>(),
        Route::post(LIST, "Add an endpoint, untried; its ping tries it", create)
            .takes::<Webhook>()
            .gives::<Webhook>()
            .with(StatusCode::CREATED),
        Route::get(ONE, "One endpoint", read).gives::<Webhook>(),
        Route::put(ONE, "Replace an endpoint", replace)
            .takes::<Webhook>()
            .gives::<Webhook>(),
        Route::patch(ONE, "Change an endpoint; what is not named stays", change)
            .takes::<Webhook>()
            .gives::<Webhook>(),
        Route::delete(
            ONE,
            "Remove an endpoint; what is under way to it ends",
            remove,
        ),
    ];
    routes.extend(actions::routes());
    routes.extend(secret::routes());
    routes.extend(detail::routes());
    routes
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Json<List<Webhook>>, Refusal> {
    Ok(Json(listed(&app, &caller, &query, false).await?))
}

/// Endpoints that a query asks for, by name or by id.
pub(crate) async fn listed(
    app: &App,
    caller: &Caller,
    query: &Query,
    by_name: bool,
) -> Result<List<Webhook>, Refusal> {
    let window = query.window()?;
    let status: Option<EndpointState> = query.get("status")?;
    let filter = WebhookFilter {
        id: query.get("id")?,
        name: query.get("name")?,
        status: status.map(|status| status.as_str().to_owned()),
        owner: query.get("owner")?,
        owner_name: query.get("owner_name")?,
        system: query.get("system")?.unwrap_or(false),
        search: query.get("search")?,
        by_name,
        of: caller.own(),
    };
    let page = app.store.webhooks_page(&filter, window).await?;
    Ok(query.list(window, page))
}

async fn read(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Webhook>, Refusal> {
    Ok(Json(found(&app, &caller, id).await?))
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Fields(fields): Fields,
) -> Result<(StatusCode, Json<Webhook>), Refusal> {
    let form = written(&app, &caller, &Webhook::default(), fields).await?;
    let made = add(&app, &caller, form).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

async fn add(app: &App, caller: &Caller, form: Webhook) -> Result<Webhook, Refusal> {
    let webhook = NewWebhook {
        name: form.name,
        url: form.url,
        header_name: form.header_name,
        header_value: form.header_value.set(),
        owner: form.owner,
    };
    let Some(id) = app.store.add_webhook(&webhook).await? else {
        return Err(taken());
    };
    found(app, caller, id).await
}

async fn replace(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Webhook>, Refusal> {
    let stored = found(&app, &caller, id).await?;
    let form = written(&app, &caller, &Webhook::blank(id), fields).await?;
    guard_secret(&stored, &form)?;
    Ok(Json(store(&app, &caller, &stored, form).await?))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Webhook>, Refusal> {
    let base = found(&app, &caller, id).await?;
    let form = written(&app, &caller, &base, fields).await?;
    guard_secret(&base, &form)?;
    Ok(Json(store(&app, &caller, &base, form).await?))
}

pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    found(&app, &caller, id).await?;
    app.store.delete_webhook(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The endpoint of an id, if the caller may see it.
async fn found(app: &App, caller: &Caller, id: i64) -> Result<Webhook, Refusal> {
    let filter = WebhookFilter {
        id: Some(id),
        of: caller.own(),
        ..WebhookFilter::default()
    };
    let webhook = app.store.webhooks_page(&filter, Window::ONE).await?.first();
    webhook.map(Webhook::from).ok_or(Refusal::NotFound(NAME))
}

/// Writes an endpoint over the one that was looked at.
async fn store(
    app: &App,
    caller: &Caller,
    stored: &Webhook,
    form: Webhook,
) -> Result<Webhook, Refusal> {
    let edit = WebhookEdit {
        name: form.name,
        url: form.url,
        header_name: form.header_name,
        header_value: form.header_value.change(),
        owner: form.owner,
    };
    let change = app.store.change_webhook(form.id, &stored.version, &edit);
    match change.await? {
        Change::Made => found(app, caller, form.id).await,
        Change::Taken => Err(taken()),
        Change::Gone => Err(Refusal::changed()),
    }
}

/// DefectDojo's words for a name that is another's.
fn taken() -> Refusal {
    Refusal::field(
        "name",
        "notification_ webhooks with this name already exists.",
    )
}
