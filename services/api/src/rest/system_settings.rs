//! System Settings: one row, for superusers.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::Page;
use store::choices::SystemSettings;

use super::content::Fields;
use super::form::{at_most, overlay};
use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use super::secret::Secret;
use crate::access::Superuser;
use crate::app::App;
use crate::refusal::{Errors, Refusal};

const LIST: &str = "/system_settings/";
const ONE: &str = "/system_settings/{id}/";

/// The id of the only row.
pub(crate) const ID: i64 = 1;

/// The settings that notifications depend on.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Settings {
    id: i64,
    #[serde(flatten)]
    settings: SystemSettings,
    /// The token of the Slack app; it cannot be read.
    slack_token: Secret,
    /// The URL of the Teams workflow; it cannot be read.
    msteams_url: Secret,
    /// What a change was laid over: it is refused where they were written meanwhile.
    #[serde(skip)]
    pub(crate) version: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(LIST, "System Settings, as a list of one", list)
            .filters(&PAGING)
            .gives::<List<Settings>>(),
        Route::get(ONE, "System Settings", read).gives::<Settings>(),
        Route::put(
            ONE,
            "Replace System Settings; what is not named becomes the default",
            replace,
        )
        .takes::<Settings>()
        .gives::<Settings>(),
        Route::patch(
            ONE,
            "Change System Settings; what is not named stays",
            change,
        )
        .takes::<Settings>()
        .gives::<Settings>(),
    ]
}

async fn list(
    State(app): State<App>,
    _: Superuser,
    query: Query,
) -> Result<Json<List<Settings>>, Refusal> {
    let window = query.window()?;
    let row = current(&app).await?;
    let page = Page {
        count: 1,
        rows: Some(row)
            .filter(|_| window.offset == 0)
            .into_iter()
            .collect(),
    };
    Ok(Json(query.list(window, page)))
}

async fn read(State(app): State<App>, _: Superuser, Id(id): Id) -> Result<Json<Settings>, Refusal> {
    only(id)?;
    Ok(Json(current(&app).await?))
}

async fn replace(
    State(app): State<App>,
    _: Superuser,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Settings>, Refusal> {
    only(id)?;
    // A secret is not forgotten because a client that cannot read it does not name it.
    let base = Settings {
        settings: SystemSettings::default(),
        // Nor is anything else left as it was seen, so that it does not matter who wrote meanwhile.
        version: None,
        ..current(&app).await?
    };
    write(&app, &base, fields).await
}

pub(crate) async fn change(
    State(app): State<App>,
    _: Superuser,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Settings>, Refusal> {
    only(id)?;
    let base = current(&app).await?;
    write(&app, &base, fields).await
}

fn only(id: i64) -> Result<(), Refusal> {
    if id == ID {
        Ok(())
    } else {
        Err(Refusal::NotFound("System_Settings"))
    }
}

/// As they are now; secrets are not shown.
pub(crate) async fn current(app: &App) -> Result<Settings, Refusal> {
    // The version first: what is read after it may be newer, and then a change is refused.
    let standing = app.store.settings_standing().await?;
    Ok(Settings {
        id: ID,
        settings: app.store.system_settings().await?,
        slack_token: Secret::shown(standing.slack_token),
        msteams_url: Secret::shown(standing.msteams_url),
        version: Some(standing.version),
    })
}

async fn write(
    app: &App,
    base: &Settings,
    fields: Map<String, Value>,
) -> Result<Json<Settings>, Refusal> {
    let form = overlay(base, fields, &["id"])?;
    usable(&form)?;
    let (token, url) = (form.slack_token.change(), form.msteams_url.change());
    let version = base.version.as_deref();
    let written = app
        .store
        .put_system_settings(&form.settings, &token, &url, version);
    if written.await? {
        Ok(Json(current(app).await?))
    } else {
        Err(Refusal::changed())
    }
}

/// Lengths and ranges as DefectDojo's model and the table have them.
fn usable(form: &Settings) -> Result<(), Refusal> {
    let mut errors = Errors::default();
    let all = &form.settings;
    let it = &all.settings;
    for (field, text, limit) in [
        ("slack_channel", &it.slack_channel, 100),
        ("slack_username", &it.slack_username, 100),
        ("mail_notifications_to", &it.mail_notifications_to, 200),
        ("email_from", &it.email_from, 200),
        ("team_name", &it.team_name, 100),
        (
            "disclaimer_notifications",
            &it.disclaimer_notifications,
            3000,
        ),
    ] {
        at_most(&mut errors, field, text, limit);
    }
    for (field, secret, limit) in [
        ("slack_token", &form.slack_token, 100),
        ("msteams_url", &form.msteams_url, 400),
    ] {
        if secret.len() > limit {
            errors.add(
                field,
                format!("Ensure this field has no more than {limit} characters."),
            );
        }
    }
    if !(1..=i32::MAX.cast_unsigned()).contains(&it.webhooks_notifications_timeout) {
        errors.add(
            "webhooks_notifications_timeout",
            "Ensure this value is between 1 and 2147483647.",
        );
    }
    for (field, days) in [
        (
            "engagement_auto_close_days",
            Some(all.engagement_auto_close_days),
        ),
        (
            "risk_acceptance_notify_before_expiration",
            all.risk_acceptance_notify_before_expiration,
        ),
        (
            "risk_acceptance_form_default_days",
            all.risk_acceptance_form_default_days,
        ),
    ] {
        if days.is_some_and(|days| days < 0) {
            errors.add(field, "Ensure this value is greater than or equal to 0.");
        }
    }
    errors.none()
}
