//! What stands in the form, and what becomes of it.

use serde_json::{Map, Value};

use crate::app::App;
use crate::pages::form::{Form, Kind};
use crate::refusal::{Errors, Refusal};
use crate::rest::content::Fields;
use crate::rest::system_settings;

/// Every setting that can be written, and how.
const FIELDS: [(&str, Kind); 22] = [
    ("enable_slack_notifications", Kind::Flag),
    ("slack_channel", Kind::Text),
    ("slack_token", Kind::Secret),
    ("slack_username", Kind::Text),
    ("enable_msteams_notifications", Kind::Flag),
    ("msteams_url", Kind::Secret),
    ("enable_mail_notifications", Kind::Flag),
    ("mail_notifications_to", Kind::Text),
    ("email_from", Kind::Text),
    ("enable_webhooks_notifications", Kind::Flag),
    ("webhooks_notifications_timeout", Kind::Number),
    ("team_name", Kind::Text),
    ("disclaimer_notifications", Kind::Text),
    ("enable_finding_sla", Kind::Flag),
    ("enable_notify_sla_active", Kind::Flag),
    ("enable_notify_sla_active_verified", Kind::Flag),
    ("enable_notify_sla_jira_only", Kind::Flag),
    ("enable_notify_sla_exponential_backoff", Kind::Flag),
    ("engagement_auto_close", Kind::Flag),
    ("engagement_auto_close_days", Kind::Number),
    ("risk_acceptance_notify_before_expiration", Kind::Number),
    ("risk_acceptance_form_default_days", Kind::Number),
];

/// Numbers that may be left out.
const OPTIONAL: [&str; 2] = [
    "risk_acceptance_notify_before_expiration",
    "risk_acceptance_form_default_days",
];

/// What stands in the form, by setting.
pub(super) struct Values {
    settings: Map<String, Value>,
    /// Which version of them whoever writes has before them.
    pub(super) version: String,
}

impl Values {
    /// What is stored; of a secret only that there is one.
    pub(super) async fn stored(app: &App) -> Result<Self, Refusal> {
        let settings = system_settings::current(app).await?;
        let version = settings.version.clone().unwrap_or_default();
        match serde_json::to_value(settings) {
            Ok(Value::Object(settings)) => Ok(Self { settings, version }),
            Ok(_) => Err(Refusal::Broken(anyhow::anyhow!("settings are no object"))),
            Err(error) => Err(Refusal::Broken(error.into())),
        }
    }

    /// With what was sent, but for secrets.
    pub(super) fn with(mut self, form: &Form) -> Self {
        let shown = FIELDS
            .iter()
            .filter(|(_, kind)| !matches!(kind, Kind::Secret));
        let shown: Vec<(&str, Kind)> = shown.copied().collect();
        self.settings.extend(form.fields(&shown).0);
        self
    }

    /// A setting as a field shows it.
    pub(super) fn text(&self, name: &str) -> String {
        match self.settings.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }

    /// Whether a box is ticked.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.settings.get(name) == Some(&Value::Bool(true))
    }

    /// Whether there is a secret.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.settings
            .get(name)
            .is_some_and(|value| !value.is_null())
    }
}

/// The fields of the resource. Numbers are looked at here: what a browser sends is a text, and the
/// complaint is to be one for people.
pub(super) fn fields(form: &Form) -> Result<Fields, Refusal> {
    let fields = form.fields(&FIELDS);
    let mut errors = Errors::default();
    for (name, kind) in FIELDS {
        match fields.0.get(name) {
            Some(Value::Null) if matches!(kind, Kind::Number) && !OPTIONAL.contains(&name) => {
                errors.add(name, "Write a number.");
            }
            Some(Value::String(_)) if matches!(kind, Kind::Number) => {
                errors.add(name, "A valid integer is required.");
            }
            Some(Value::Number(number)) if number.as_i64().is_none_or(|it| !in_range(it)) => {
                errors.add(name, "Ensure this value is between 0 and 2147483647.");
            }
            _ => {}
        }
    }
    errors.none()?;
    Ok(fields)
}

const fn in_range(number: i64) -> bool {
    0 <= number && number <= i32::MAX as i64
}
