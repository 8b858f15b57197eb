//! Webhook endpoints: a superuser keeps all of them, everybody their own.

mod actions;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use delivery::guard::Refusal as Refused;
use proto_events::EndpointState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::browse::{ListedWebhook, WebhookEdit, WebhookFilter};
use store::{Change, NewWebhook, SecretChange, Window};

use super::content::Fields;
use super::form::{at_most, overlay};
use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use super::secret::Secret;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::{Errors, Refusal};

const LIST: &str = "/notification_webhooks/";
const ONE: &str = "/notification_webhooks/{id}/";

/// DefectDojo's name for one, in its complaints.
const NAME: &str = "Notification_Webhooks";

/// What can be read and not be written.
const READ_ONLY: [&str; 6] = [
    "id",
    "status",
    "first_error",
    "last_error",
    "note",
    "signed",
];

/// A webhook endpoint.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Webhook {
    id: i64,
    /// What people call it: unique, up to 100 characters.
    name: String,
    /// Where requests go, up to 200 characters.
    url: String,
    /// A header that every request carries.
    header_name: Option<String>,
    /// That header's value; it cannot be read.
    header_value: Secret,
    /// active, active_tmp, inactive_tmp or inactive_permanent; moved by deliveries and by the
    /// actions below the endpoint.
    status: String,
    /// When the trouble began that has not ended.
    first_error: Option<DateTime<Utc>>,
    /// When the last error was.
    last_error: Option<DateTime<Utc>>,
    /// What was noted last.
    note: Option<String>,
    /// Whose notifications it gets; null: the system's.
    owner: Option<i64>,
    /// Whether requests are signed.
    signed: bool,
}

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get(LIST, "Webhook endpoints: all of them, or your own", list)
            .filters(&PAGING)
            .filters(&[
                ("id", "The endpoint of this id."),
                ("name", "The endpoint of this name."),
                ("status", "Endpoints that stand so."),
                ("owner", "Endpoints of this user."),
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
        Route::delete(ONE, "Remove an endpoint; what is under way to it ends", remove),
    ];
    routes.extend(actions::routes());
    routes
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Json<List<Webhook>>, Refusal> {
    let window = query.window()?;
    let status: Option<EndpointState> = query.get("status")?;
    let filter = WebhookFilter {
        id: query.get("id")?,
        name: query.get("name")?,
        status: status.map(|status| status.as_str().to_owned()),
        owner: query.get("owner")?,
        of: caller.own(),
    };
    let page = app.store.webhooks_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
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
    let webhook = NewWebhook {
        name: form.name.clone(),
        url: form.url.clone(),
        header_name: form.header_name.clone(),
        header_value: match form.header_value.clone().change() {
            SecretChange::Set(value) => Some(value),
            SecretChange::Leave | SecretChange::Clear => None,
        },
        owner: form.owner,
    };
    let Some(id) = app.store.add_webhook(&webhook).await? else {
        return Err(taken());
    };
    Ok((StatusCode::CREATED, Json(found(&app, &caller, id).await?)))
}

async fn replace(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Webhook>, Refusal> {
    found(&app, &caller, id).await?;
    let form = written(&app, &caller, &Webhook { id, ..Webhook::default() }, fields).await?;
    store(&app, &caller, form).await
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Webhook>, Refusal> {
    let base = found(&app, &caller, id).await?;
    let form = written(&app, &caller, &base, fields).await?;
    store(&app, &caller, form).await
}

async fn remove(State(app): State<App>, caller: Caller, Id(id): Id) -> Result<StatusCode, Refusal> {
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

async fn store(app: &App, caller: &Caller, form: Webhook) -> Result<Json<Webhook>, Refusal> {
    let edit = WebhookEdit {
        name: form.name,
        url: form.url,
        header_name: form.header_name,
        header_value: form.header_value.change(),
        owner: form.owner,
    };
    match app.store.change_webhook(form.id, &edit).await? {
        Change::Made => Ok(Json(found(app, caller, form.id).await?)),
        Change::Taken => Err(taken()),
        Change::Gone => Err(Refusal::NotFound(NAME)),
    }
}

/// DefectDojo's words for a name that is another's.
fn taken() -> Refusal {
    Refusal::field(
        "name",
        "notification_ webhooks with this name already exists.",
    )
}

/// What the caller wrote over what holds without it, if they may, and it can be used.
async fn written(
    app: &App,
    caller: &Caller,
    base: &Webhook,
    fields: Map<String, Value>,
) -> Result<Webhook, Refusal> {
    let mut form: Webhook = overlay(base, fields, &READ_ONLY)?;
    if !caller.superuser && form.owner.is_none() {
        form.owner = Some(caller.id);
    }
    let mut errors = Errors::default();
    for (field, text, limit) in [
        ("name", form.name.as_str(), 100),
        ("url", &form.url, 200),
        ("header_name", form.header_name.as_deref().unwrap_or(""), 100),
    ] {
        at_most(&mut errors, field, text, limit);
    }
    if form.name.is_empty() {
        errors.add("name", "This field may not be blank.");
    }
    if form.url.is_empty() {
        errors.add("url", "This field may not be blank.");
    } else if form.url != base.url
        && let Err(refusal) = app.endpoints.check(&form.url).await
    {
        let text = match refusal {
            // DefectDojo's words.
            Refused::NoUrl => "Enter a valid URL.".to_owned(),
            other => format!("{other}."),
        };
        errors.add("url", text);
    }
    if let Some(owner) = form.owner {
        let named = app.store.named(Some(owner), None, None, None, None);
        if !named.await?.user {
            errors.add("owner", format!("Invalid pk \"{owner}\" - object does not exist."));
        } else if caller.own().is_some_and(|own| own != owner) {
            errors.add("owner", "You keep your own endpoints only.");
        }
    }
    errors.none()?;
    Ok(form)
}

impl From<ListedWebhook> for Webhook {
    fn from(webhook: ListedWebhook) -> Self {
        Self {
            id: webhook.id,
            name: webhook.name,
            url: webhook.url,
            header_name: webhook.header_name,
            header_value: Secret::shown(webhook.has_header_value),
            status: webhook.status,
            first_error: webhook.first_error,
            last_error: webhook.last_error,
            note: webhook.note,
            owner: webhook.owner,
            signed: webhook.signed,
        }
    }
}
