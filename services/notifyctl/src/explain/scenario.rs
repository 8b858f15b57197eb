//! One scenario as it is written: a small directory, an installation's policy, and an event.

use anyhow::anyhow;
use proto_events::EventName;
use proto_events::directory::{Role, RuleChannels};
use proto_events::payload::UserRef;
use rules::Facts;
use serde::Deserialize;
use serde_json::Value;

/// A line of a scenario file. Members that are not needed may be missing; unknown ones, such as
/// the `decisions` of a recorded scenario, are not looked at.
#[derive(Deserialize)]
pub(super) struct Scenario {
    #[serde(default)]
    pub(super) id: Value,
    pub(super) trump: Option<Vec<String>>,
    #[serde(default)]
    pub(super) settings: Enabled,
    #[serde(default)]
    pub(super) users: Vec<UserLine>,
    #[serde(default)]
    pub(super) product_types: Vec<ProductTypeLine>,
    #[serde(default)]
    pub(super) products: Vec<ProductLine>,
    #[serde(default)]
    pub(super) groups: Vec<GroupLine>,
    #[serde(default)]
    pub(super) group_members: Vec<GroupMemberLine>,
    #[serde(default)]
    pub(super) members: Vec<MemberLine>,
    #[serde(default)]
    pub(super) rules: Vec<RuleLine>,
    pub(super) event: EventLine,
}

impl Scenario {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(super) fn parse(line: &str) -> anyhow::Result<Self> {
        serde_json::from_str(line).map_err(|error| {
            let (text, column) = (error.to_string(), error.column());
            let position = format!(" at line {} column {column}", error.line());
            anyhow!(
                "{} (column {column})",
                text.strip_suffix(&position).unwrap_or(&text)
            )
        })
    }
}

/// Channels that are switched on, as System Settings' `enable_<channel>_notifications`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Enabled {
    pub(super) enable_mail: bool,
    pub(super) enable_slack: bool,
    pub(super) enable_msteams: bool,
    pub(super) enable_webhooks: bool,
}

#[derive(Deserialize)]
pub(super) struct UserLine {
    pub(super) username: String,
    #[serde(default = "yes")]
    pub(super) active: bool,
    #[serde(default)]
    pub(super) superuser: bool,
    pub(super) global_role: Option<Role>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
pub(super) struct ProductTypeLine {
    pub(super) id: i64,
}

#[derive(Deserialize)]
pub(super) struct ProductLine {
    pub(super) id: i64,
    pub(super) product_type: i64,
}

#[derive(Deserialize)]
pub(super) struct GroupLine {
    pub(super) group: String,
    pub(super) global_role: Option<Role>,
}

#[derive(Deserialize)]
pub(super) struct GroupMemberLine {
    pub(super) group: String,
    pub(super) user: String,
}

#[derive(Deserialize)]
pub(super) struct MemberLine {
    pub(super) user: Option<String>,
    pub(super) group: Option<String>,
    pub(super) product: Option<i64>,
    pub(super) product_type: Option<i64>,
    pub(super) role: Option<Role>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    System,
    Template,
    Personal,
    Product,
}

#[derive(Deserialize)]
pub(super) struct RuleLine {
    pub(super) scope: Scope,
    pub(super) user: Option<String>,
    pub(super) product: Option<i64>,
    #[serde(default)]
    pub(super) channels: RuleChannels,
}

/// The event of a scenario.
#[derive(Deserialize)]
pub(super) struct EventLine {
    #[serde(rename = "type")]
    pub(super) name: EventName,
    pub(super) product: Option<i64>,
    pub(super) product_type: Option<i64>,
    pub(super) recipients: Option<Vec<Option<UserRef>>>,
    #[serde(default)]
    pub(super) no_users: bool,
    #[serde(default)]
    pub(super) alert_only: bool,
}

impl EventLine {
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            name: &self.name,
            product: self.product,
            product_type: self.product_type,
            recipients: self.recipients.as_deref(),
            no_users: self.no_users,
            alert_only: self.alert_only,
            severity: None,
        }
    }
}
