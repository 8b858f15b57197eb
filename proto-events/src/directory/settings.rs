//! System Settings, as far as routing and texts read them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel::{Channel, ChannelSet};

/// The System Settings that routing and texts read. Secrets are not among them: the
/// store hands those out at an attempt, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// Mail is on.
    pub enable_mail_notifications: bool,
    /// Slack is on.
    pub enable_slack_notifications: bool,
    /// Teams is on.
    pub enable_msteams_notifications: bool,
    /// Webhooks are on.
    pub enable_webhooks_notifications: bool,
    /// Channel for the system's Slack messages.
    pub slack_channel: String,
    /// The name that Slack messages are sent under.
    pub slack_username: String,
    /// Address, or several separated by commas, for the system's mails.
    pub mail_notifications_to: String,
    /// Sender of mails.
    pub email_from: String,
    /// Begins the subject of mails.
    pub team_name: String,
    /// Seconds a webhook endpoint has to answer.
    pub webhooks_notifications_timeout: u32,
    /// Ends every mail, Slack message, Teams card and webhook body.
    pub disclaimer_notifications: String,
}

impl Default for Settings {
    /// DefectDojo's defaults (`system_settings/models.py`).
    fn default() -> Self {
        Self {
            enable_mail_notifications: false,
            enable_slack_notifications: false,
            enable_msteams_notifications: false,
            enable_webhooks_notifications: false,
            slack_channel: String::new(),
            slack_username: String::new(),
            mail_notifications_to: String::new(),
            email_from: "no-reply@example.com".to_owned(),
            team_name: String::new(),
            webhooks_notifications_timeout: 10,
            disclaimer_notifications: String::new(),
        }
    }
}

impl Settings {
    /// The channels that are switched on; alerts always are.
    #[must_use]
    pub fn enabled(&self) -> ChannelSet {
        [
            (Channel::Alert, true),
            (Channel::Mail, self.enable_mail_notifications),
            (Channel::Slack, self.enable_slack_notifications),
            (Channel::Msteams, self.enable_msteams_notifications),
            (Channel::Webhooks, self.enable_webhooks_notifications),
        ]
        .into_iter()
        .filter_map(|(channel, on)| on.then_some(channel))
        .collect()
    }
}
