//! The objects that an event names, and people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An object of which only id and name matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedObject {
    /// Its id in DefectDojo.
    pub id: i64,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// The product of an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProductObject {
    /// Its id in DefectDojo.
    pub id: i64,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// The engagement of an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EngagementObject {
    /// Its id in DefectDojo.
    pub id: i64,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Username of its lead.
    #[serde(default)]
    pub lead: Option<String>,
}

/// The test of an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestObject {
    /// Its id in DefectDojo.
    pub id: i64,
    /// Its title, or else its type's name.
    #[serde(default)]
    pub title: String,
    /// Title and type as people see it.
    #[serde(default)]
    pub display: Option<String>,
}

/// An object named by type and id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectRef {
    /// `product`, `engagement`, `test`, `finding` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id in DefectDojo.
    pub id: i64,
}

/// A risk acceptance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RiskAcceptanceObject {
    /// Its id in DefectDojo.
    pub id: i64,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Username of its owner.
    #[serde(default)]
    pub owner: Option<String>,
    /// When it ends, as the publisher wrote it (ISO 8601).
    #[serde(default)]
    pub expiration_date: Option<String>,
    /// Whether the accepted findings become active again when it ends.
    #[serde(default)]
    pub reactivate_expired: Option<bool>,
    /// Whether their SLA then begins anew.
    #[serde(default)]
    pub restart_sla_expired: Option<bool>,
}

/// A person as an event names one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// The user's id in DefectDojo.
    pub id: i64,
    /// The username.
    #[serde(default)]
    pub username: String,
    /// Given name.
    #[serde(default)]
    pub first_name: String,
    /// Family name.
    #[serde(default)]
    pub last_name: String,
}
