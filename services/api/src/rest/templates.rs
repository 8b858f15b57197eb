//! Templates: what is in force, and how a message of it reads. They are files of the operator's
//! (`DD_TEMPLATE_DIR`); here they are read and tried.

use axum::Json;
use axum::extract::State;
use delivery::templates;
use messages::{Context, Message, Sensitivity, Templates};
use proto_events::directory::Settings;
use proto_events::{Channel, Event};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Page;

use super::content::Fields;
use super::form::overlay;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::{Caller, Superuser};
use crate::app::App;
use crate::refusal::Refusal;

/// A template in force.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Template {
    /// The name of its file below the folder of templates.
    file: String,
    /// What stands in it.
    source: String,
    /// Whether it is the built-in one.
    built_in: bool,
}

/// What to try.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Trial {
    /// The channel that the message is for.
    channel: Channel,
    /// The event that it tells of (CloudEvents JSON).
    event: Value,
    /// The name of a file to try in place of the one in force.
    file: Option<String>,
    /// What would stand in it.
    source: Option<String>,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            channel: Channel::Mail,
            event: Value::Null,
            file: None,
            source: None,
        }
    }
}

/// How the message reads.
#[derive(Serialize, JsonSchema)]
struct Preview {
    channel: Channel,
    /// The card, the body, or the parts of a mail or an alert.
    message: Value,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/templates/", "Templates in force", list)
            .filters(&PAGING)
            .filters(&[("file", "The one of this file.")])
            .gives::<List<Template>>(),
        Route::post(
            "/templates/preview/",
            "How a message reads, with the templates in force or with another in the place of one; nothing is sent",
            preview,
        )
        .takes::<Trial>()
        .gives::<Preview>(),
    ]
}

async fn list(
    State(app): State<App>,
    _: Caller,
    query: Query,
) -> Result<Json<List<Template>>, Refusal> {
    let window = query.window()?;
    let file: Option<String> = query.get("file")?;
    let built_in = Templates::built_in().map_err(|error| Refusal::Broken(error.into()))?;
    let built_in = built_in.in_force();
    let mut all = in_force(&app).await?.in_force();
    all.retain(|(name, _)| file.as_ref().is_none_or(|file| file == name));
    let page = Page {
        count: i64::try_from(all.len()).unwrap_or(i64::MAX),
        rows: all
            .into_iter()
            .skip(usize::try_from(window.offset).unwrap_or(usize::MAX))
            .take(usize::try_from(window.limit).unwrap_or(usize::MAX))
            .map(|template| Template {
                built_in: built_in.contains(&template),
                file: template.0,
                source: template.1,
            })
            .collect(),
    };
    Ok(Json(query.list(window, page)))
}

async fn preview(
    State(app): State<App>,
    _: Superuser,
    Fields(fields): Fields,
) -> Result<Json<Preview>, Refusal> {
    let trial: Trial = overlay(&Trial::default(), fields, &[])?;
    let event = Event::parse(trial.event.to_string().as_bytes())
        .map_err(|problem| Refusal::field("event", problem.to_string()))?;
    let mut templates = in_force(&app).await?;
    if let (Some(file), Some(source)) = (&trial.file, &trial.source) {
        let replaced = templates.replace(file, source);
        replaced.map_err(|problem| Refusal::field("source", problem.to_string()))?;
    }
    let settings = app.store.system_settings().await?.settings;
    let message = rendered(&app, &templates, &event, trial.channel, &settings)
        .map_err(|problem| Refusal::field("source", problem.to_string()))?;
    Ok(Json(Preview {
        channel: trial.channel,
        message,
    }))
}

/// The templates as the senders have them. Reading files may take a moment.
async fn in_force(app: &App) -> Result<Templates, Refusal> {
    let folder = app.config.template_dir.clone();
    let reading = tokio::task::spawn_blocking(move || templates::in_force(folder.as_deref()));
    let read = reading
        .await
        .map_err(|error| Refusal::Broken(error.into()))?;
    read.map_err(|problem| Refusal::Conflict(format!("{problem:#}")))
}

fn rendered(
    app: &App,
    templates: &Templates,
    event: &Event,
    channel: Channel,
    settings: &Settings,
) -> Result<Value, messages::MessageError> {
    let site_url = &app.config.site_url;
    let context = Context {
        channel,
        site_url,
        notify_url: app.config.notify_url.as_ref().unwrap_or(site_url),
        settings,
        redacted: false,
        sensitivity: Sensitivity::Full,
        personal: false,
    };
    let message = Message::compose(templates, event, &context)?;
    Ok(match channel {
        Channel::Alert => {
            let alert = messages::alert(&message);
            json!({"title": alert.title, "description": alert.description, "url": alert.url,
                "icon": alert.icon, "source": alert.source})
        }
        Channel::Mail => {
            let mail = messages::mail(templates, &message)?;
            json!({"subject": mail.subject, "text": mail.text, "html": mail.html})
        }
        Channel::Slack => messages::slack(&message),
        Channel::Msteams => messages::teams(&message),
        Channel::Webhooks => messages::webhook(event, &message, &context, None),
    })
}
