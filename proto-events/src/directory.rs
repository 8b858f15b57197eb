//! Who exists, who may see what, and what they chose: the objects that rules are about.
//!
//! The store keeps them, the router holds them in memory, rules are decided on them.

mod filter;
mod limits;
mod snapshot;
mod timetable;

use std::collections::BTreeMap;

pub use filter::{Filter, FilteredDestination};
pub use limits::Limits;
pub use snapshot::{Delta, Row, Snapshot, Touched};
pub use timetable::{Cadence, QuietHours, Timetable, UnknownCadence, Whose};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel::{Channel, ChannelSet};
use crate::event_name::Column;
use crate::job::DestinationId;

/// A DefectDojo role. Each of them grants the view of a product and its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Role {
    /// Imports scans.
    #[serde(rename = "API_Importer")]
    ApiImporter,
    /// Reads.
    Reader,
    /// Writes.
    Writer,
    /// Maintains.
    Maintainer,
    /// Owns.
    Owner,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::ApiImporter,
        Self::Reader,
        Self::Writer,
        Self::Maintainer,
        Self::Owner,
    ];

    /// The role's name in DefectDojo.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiImporter => "API_Importer",
            Self::Reader => "Reader",
            Self::Writer => "Writer",
            Self::Maintainer => "Maintainer",
            Self::Owner => "Owner",
        }
    }
}

/// A person or a service account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Id in DefectDojo.
    pub id: i64,
    /// Unique name, compared exactly.
    pub username: String,
    /// Given name.
    #[serde(default)]
    pub first_name: String,
    /// Family name.
    #[serde(default)]
    pub last_name: String,
    /// Mail address; empty if there is none.
    #[serde(default)]
    pub email: String,
    /// Inactive users are told nothing.
    pub active: bool,
    /// Superusers see everything.
    #[serde(default)]
    pub superuser: bool,
    /// A role on every product.
    #[serde(default)]
    pub global_role: Option<Role>,
    /// Contact info: the address of the person's Slack account (DefectDojo `slack_username`).
    #[serde(default)]
    pub slack_email: Option<String>,
    /// Contact info: the person's Slack id, where known (DefectDojo `slack_user_id`).
    #[serde(default)]
    pub slack_user_id: Option<String>,
}

/// A product type (Organization).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductType {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// A product (Asset).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The type it belongs to.
    pub product_type: i64,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// A group of users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// A role on every product, for each of its users.
    #[serde(default)]
    pub global_role: Option<Role>,
}

/// A user in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct GroupMember {
    /// The group's id.
    pub group: i64,
    /// The user's id.
    pub user: i64,
}

/// Who a membership is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Member {
    /// A user's id.
    User(i64),
    /// A group's id.
    Group(i64),
}

/// What a membership is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Securable {
    /// A product's id.
    Product(i64),
    /// A product type's id: covers all its products.
    ProductType(i64),
}

/// A membership. One without a role counts too (DefectDojo 3's `authorized_users`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Membership {
    /// Who.
    pub member: Member,
    /// Of what.
    pub of: Securable,
    /// With which role.
    #[serde(default)]
    pub role: Option<Role>,
}

/// Whose rule it is (DefectDojo `Notifications`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum RuleScope {
    /// The system's own channels; exactly one such rule is in force.
    System,
    /// The pattern for new users; routes nothing.
    Template,
    /// A person's rule for everything they may see.
    Personal {
        /// The user's id.
        user: i64,
    },
    /// A person's rule for one product, added to the personal one.
    Product {
        /// The user's id.
        user: i64,
        /// The product's id.
        product: i64,
    },
    /// A person's rule for all products of a type, likewise. DefectDojo has none.
    ProductType {
        /// The user's id.
        user: i64,
        /// The product type's id.
        product_type: i64,
    },
    /// A group's rule, added to those of each of its users. DefectDojo has none.
    Group {
        /// The group's id.
        group: i64,
    },
}

/// A rule: for each event column a set of channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Id of the row.
    pub id: i64,
    /// Whose rule it is.
    #[serde(flatten)]
    pub scope: RuleScope,
    /// What was chosen.
    pub channels: RuleChannels,
    /// What it takes away.
    #[serde(default)]
    pub limits: Limits,
}

/// The channels of every column. A column that is not named takes DefectDojo's default:
/// the alert, and nothing for `scan_added_empty` (`notifications/models.py`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    from = "BTreeMap<Column, ChannelSet>",
    into = "BTreeMap<Column, ChannelSet>"
)]
pub struct RuleChannels([ChannelSet; Column::ALL.len()]);

impl RuleChannels {
    /// No channel for any column.
    pub const NONE: Self = Self([ChannelSet::EMPTY; Column::ALL.len()]);

    /// The channels of a column.
    #[must_use]
    pub const fn get(&self, column: Column) -> ChannelSet {
        self.0[column as usize]
    }

    /// Sets the channels of a column.
    pub const fn set(&mut self, column: Column, channels: ChannelSet) {
        self.0[column as usize] = channels;
    }
}

impl Default for RuleChannels {
    fn default() -> Self {
        let mut channels = Self([ChannelSet::ALERT; Column::ALL.len()]);
        channels.set(Column::ScanAddedEmpty, ChannelSet::EMPTY);
        channels
    }
}

impl From<BTreeMap<Column, ChannelSet>> for RuleChannels {
    fn from(named: BTreeMap<Column, ChannelSet>) -> Self {
        let mut channels = Self::default();
        for (column, set) in named {
            channels.set(column, set);
        }
        channels
    }
}

impl From<RuleChannels> for BTreeMap<Column, ChannelSet> {
    fn from(channels: RuleChannels) -> Self {
        Column::ALL
            .into_iter()
            .map(|column| (column, channels.get(column)))
            .collect()
    }
}

impl JsonSchema for RuleChannels {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RuleChannels".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        BTreeMap::<Column, ChannelSet>::json_schema(generator)
    }
}

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

/// Where jobs of a channel go, as the router sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Destination {
    /// The row's id.
    pub id: DestinationId,
    /// The channel it belongs to.
    pub channel: Channel,
    /// The user it belongs to; null for the system's.
    pub user: Option<i64>,
    /// Whether a person switched it off: no jobs are made for it.
    pub switched_off: bool,
}
