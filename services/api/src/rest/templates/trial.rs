//! How a message reads, with the templates in force or with another in the place of one.

use axum::Json;
use axum::extract::State;
use messages::{Context, Message, Sensitivity, Templates};
use proto_events::directory::Settings;
use proto_events::{Channel, Event};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::templates::SOURCE_CHARS;

use super::in_force;
use crate::access::Superuser;
use crate::app::App;
use crate::refusal::{Errors, Refusal};
use crate::rest::content::Fields;
use crate::rest::form::{at_most, overlay};

/// What to try.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Trial {
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
pub(crate) struct Preview {
    channel: Channel,
    /// The card, the body, or the parts of a mail or an alert.
    pub(crate) message: Value,
}

pub(crate) async fn preview(
    State(app): State<App>,
    _: Superuser,
    Fields(fields): Fields,
) -> Result<Json<Preview>, Refusal> {
    let trial: Trial = overlay(&Trial::default(), fields, &[])?;
    let event = Event::parse(trial.event.to_string().as_bytes())
        .map_err(|problem| Refusal::field("event", problem.to_string()))?;
    let mut templates = in_force(&app).await?.templates;
    if let (Some(file), Some(source)) = (&trial.file, &trial.source) {
        let mut errors = Errors::default();
        at_most(&mut errors, "source", source, SOURCE_CHARS);
        errors.none()?;
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
