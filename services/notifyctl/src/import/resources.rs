//! What is read, in which order, and what becomes of it.

use proto_events::directory_change::UnreadableChange;
use proto_events::{DirectoryChange, Kind};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use chrono::{DateTime, Utc};

use super::lookups::Lookups;
use super::{access, people, scheduled};

/// An object of the directory, in the form in which changes carry it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) value: Value,
}

/// What becomes of one of the API's objects.
pub(super) type Mapped = Result<Vec<Object>, serde_json::Error>;

/// One list of the API.
#[derive(Debug)]
pub(super) struct Resource {
    /// Its path below `api/v2/`.
    pub(super) path: &'static str,
    /// What becomes of each of its objects.
    pub(super) map: fn(&Value, &Lookups) -> Mapped,
    /// Whether there are versions of DefectDojo without it.
    pub(super) may_be_missing: bool,
    /// Whether its objects are put together of what was read first.
    pub(super) is_composed: bool,
}

/// What every version has.
const fn list(path: &'static str, map: fn(&Value, &Lookups) -> Mapped) -> Resource {
    Resource {
        path,
        map,
        may_be_missing: false,
        is_composed: false,
    }
}

impl Resource {
    const fn or_missing(mut self) -> Self {
        self.may_be_missing = true;
        self
    }

    const fn composed(mut self) -> Self {
        self.is_composed = true;
        self
    }
}

/// Path of the list of risk acceptances.
pub(super) const RISK_ACCEPTANCES: &str = "risk_acceptance";

/// Every list that is read, parents before what hangs below them.
pub(super) static RESOURCES: [Resource; 13] = [
    list("users", people::user).composed(),
    list("dojo_groups", people::group).or_missing().composed(),
    list("dojo_group_members", people::group_member).or_missing(),
    list("product_types", access::product_type),
    list("product_type_members", access::membership).or_missing(),
    list("product_type_groups", access::membership).or_missing(),
    list("products", access::product).composed(),
    list("product_members", access::membership).or_missing(),
    list("product_groups", access::membership).or_missing(),
    list("engagements", scheduled::engagement),
    list("tests", scheduled::test),
    list("findings", scheduled::finding),
    list(RISK_ACCEPTANCES, scheduled::risk_acceptance).composed(),
];

/// The list that holds an object of this kind under its id; none if none does.
pub(super) const fn list_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::User => Some("users"),
        Kind::ProductType => Some("product_types"),
        Kind::Product => Some("products"),
        Kind::Group => Some("dojo_groups"),
        Kind::GroupMember | Kind::Membership => None,
        Kind::Engagement => Some("engagements"),
        Kind::Test => Some("tests"),
        Kind::Finding => Some("findings"),
        Kind::RiskAcceptance => Some(RISK_ACCEPTANCES),
    }
}

impl Object {
    /// The one object that something of the API becomes.
    pub(super) fn of(kind: Kind, object: &impl Serialize) -> Mapped {
        let value = serde_json::to_value(object)?;
        Ok(vec![Self { kind, value }])
    }

    /// The change that a publisher would send: it is read, and checked, in the same way.
    pub(super) fn upsert(&self, at: DateTime<Utc>) -> Result<DirectoryChange, UnreadableChange> {
        change(self.kind, "upsert", at, &self.value)
    }

    /// That it is gone.
    pub(super) fn delete(&self, at: DateTime<Utc>) -> Result<DirectoryChange, UnreadableChange> {
        change(self.kind, "delete", at, &self.value)
    }

    /// What people call it.
    pub(super) fn name(&self) -> String {
        let text = |member: &str| self.value[member].as_str().filter(|text| !text.is_empty());
        let named = text("username").or(text("name")).or(text("title"));
        named.map_or_else(
            || format!("{} {}", self.kind, self.value["id"]),
            str::to_owned,
        )
    }
}

fn change(
    kind: Kind,
    action: &str,
    at: DateTime<Utc>,
    object: &Value,
) -> Result<DirectoryChange, UnreadableChange> {
    let body = json!({ "kind": kind, "action": action, "at": at, "object": object });
    DirectoryChange::parse(body.to_string().as_bytes(), Utc::now())
}

/// Null as the type's default.
pub(super) fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
