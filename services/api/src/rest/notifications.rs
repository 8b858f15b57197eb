//! Rules (DefectDojo `notifications/api/`): a superuser keeps all of them, everybody their own.

mod columns;
mod rule;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proto_events::Severity;
use proto_events::directory::{RuleChannels, RuleScope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::browse::RuleFilter;
use store::{Change, Window};

use super::content::Fields;
use super::form::overlay;
use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::{Errors, Refusal};
use columns::Columns;

const LIST: &str = "/notifications/";
const ONE: &str = "/notifications/{id}/";

/// DefectDojo's name for one, in its complaints.
const NAME: &str = "Notifications";

/// A rule: for each event the channels that were chosen.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Notification {
    pub(crate) id: i64,
    /// Whose rule it is; null with no product: the system's.
    user: Option<i64>,
    /// The product that it is for.
    product: Option<i64>,
    /// The pattern for new users.
    template: bool,
    /// The product type that it is for. DefectDojo has no such rules.
    product_type: Option<i64>,
    /// The group whose rule it is. DefectDojo has no such rules.
    group: Option<i64>,
    /// Product or product type are silent for the user.
    pub(crate) muted: bool,
    /// Events whose findings are all less severe are left out.
    pub(crate) minimum_severity: Option<Severity>,
    #[serde(flatten)]
    columns: Columns,
    /// What a change was laid over: it is refused where the rule was written meanwhile.
    #[serde(skip)]
    version: Option<String>,
}

impl Notification {
    /// The channels of every column.
    pub(crate) fn channels(&self) -> RuleChannels {
        self.columns.channels()
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(LIST, "Rules: all of them, or your own", list)
            .filters(&PAGING)
            .filters(&[
                ("id", "The rule of this id."),
                ("user", "Rules of this user."),
                ("product", "Rules for this product."),
                (
                    "template",
                    "The template (true), or everything else (false).",
                ),
            ])
            .gives::<List<Notification>>(),
        Route::post(LIST, "Make a rule", create)
            .takes::<Notification>()
            .gives::<Notification>()
            .with(StatusCode::CREATED),
        Route::get(ONE, "One rule", read).gives::<Notification>(),
        Route::put(
            ONE,
            "Replace a rule; columns that are not named become the default",
            replace,
        )
        .takes::<Notification>()
        .gives::<Notification>(),
        Route::patch(ONE, "Change a rule; what is not named stays", change)
            .takes::<Notification>()
            .gives::<Notification>(),
        Route::delete(ONE, "Remove a rule", remove),
    ]
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Json<List<Notification>>, Refusal> {
    let window = query.window()?;
    let filter = RuleFilter {
        id: query.get("id")?,
        user: query.get("user")?,
        product: query.get("product")?,
        template: query.get("template")?,
        of: caller.own(),
    };
    let page = app.store.rules_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
}

async fn read(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Notification>, Refusal> {
    Ok(Json(found(&app, &caller, id).await?))
}

pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Fields(fields): Fields,
) -> Result<(StatusCode, Json<Notification>), Refusal> {
    let form = written(&app, &caller, &Notification::default(), fields).await?;
    let rule = form.rule()?;
    match app.store.add_rule(&rule, form.limits()).await? {
        Some(id) => Ok((StatusCode::CREATED, Json(Notification { id, ..form }))),
        None => Err(form.taken()),
    }
}

async fn replace(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Notification>, Refusal> {
    found(&app, &caller, id).await?;
    let base = Notification {
        id,
        ..Notification::default()
    };
    let form = written(&app, &caller, &base, fields).await?;
    store(&app, form).await
}

pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Notification>, Refusal> {
    let base = found(&app, &caller, id).await?;
    let form = written(&app, &caller, &base, fields).await?;
    store(&app, form).await
}

pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    found(&app, &caller, id).await?;
    if app.store.remove_rule(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refusal::NotFound(NAME))
    }
}

/// The rule of a scope, if there is one and the caller may keep it.
pub(crate) async fn of_scope(
    app: &App,
    caller: &Caller,
    scope: RuleScope,
) -> Result<Option<Notification>, Refusal> {
    let owner = match scope {
        RuleScope::Personal { user }
        | RuleScope::Product { user, .. }
        | RuleScope::ProductType { user, .. } => Some(user),
        RuleScope::System | RuleScope::Template | RuleScope::Group { .. } => None,
    };
    if !caller.superuser && owner != Some(caller.id) {
        return Err(Refusal::Forbidden);
    }
    Ok(app.store.rule_of(scope).await?.map(Notification::from))
}

/// The rule of an id, if the caller may see it.
async fn found(app: &App, caller: &Caller, id: i64) -> Result<Notification, Refusal> {
    let filter = RuleFilter {
        id: Some(id),
        of: caller.own(),
        ..RuleFilter::default()
    };
    let rule = app.store.rules_page(&filter, Window::ONE).await?.first();
    rule.map(Notification::from).ok_or(Refusal::NotFound(NAME))
}

async fn store(app: &App, form: Notification) -> Result<Json<Notification>, Refusal> {
    let rule = form.rule()?;
    let version = form.version.as_deref();
    let written = app
        .store
        .change_rule(form.id, version, &rule, form.limits())
        .await?;
    match written {
        Change::Made => Ok(Json(form)),
        Change::Taken => Err(form.taken()),
        Change::Gone if version.is_some() => Err(Refusal::changed()),
        Change::Gone => Err(Refusal::NotFound(NAME)),
    }
}

/// What the caller wrote over what holds without it, if they may, and all that it names is there.
async fn written(
    app: &App,
    caller: &Caller,
    base: &Notification,
    mut fields: Map<String, Value>,
) -> Result<Notification, Refusal> {
    columns::accept_one_word(&mut fields);
    let mut form = overlay(base, fields, &["id"])?;
    form.version.clone_from(&base.version);
    if !caller.superuser && form.user.is_none() {
        form.user = Some(caller.id);
    }
    let Notification {
        user,
        product,
        product_type,
        group,
        ..
    } = form;
    let own = caller.own();
    let mut errors = Errors::default();
    if own.is_some_and(|own| user != Some(own)) {
        errors.add("user", "You keep your own rules only.");
    }
    if own.is_some() && group.is_some() {
        errors.add("group", "Superusers alone keep rules of groups.");
    }
    // Others than superusers are not told which people and groups there are.
    let (of_user, of_group) = if own.is_some() {
        (None, None)
    } else {
        (user, group)
    };
    let named = app
        .store
        .named(of_user, product, product_type, of_group, own);
    let named = named.await?;
    for (field, id, is_there) in [
        ("user", user, named.user),
        ("product", product, named.product),
        ("product_type", product_type, named.product_type),
        ("group", group, named.group),
    ] {
        if let (Some(id), false) = (id, is_there) {
            errors.add(
                field,
                format!("Invalid pk \"{id}\" - object does not exist."),
            );
        }
    }
    errors.none()?;
    Ok(form)
}
