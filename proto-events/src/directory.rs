//! Who exists, who may see what, and what they chose: the objects that rules are about.
//!
//! The store keeps them, the router holds them in memory, rules are decided on them.

mod filter;
mod limits;
mod rules;
mod settings;
mod snapshot;
mod timetable;

pub use filter::{Filter, FilteredDestination};
pub use limits::Limits;
pub use rules::{Rule, RuleChannels, RuleScope};
pub use settings::Settings;
pub use snapshot::{Delta, Row, Snapshot, Touched};
pub use timetable::{Cadence, QuietHours, Timetable, UnknownCadence, Whose};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel::Channel;
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
