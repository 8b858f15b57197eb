//! The `data` of an event: what DefectDojo's call sites pass on.
//!
//! Only what the services read is typed. Unknown members are legal, and travel on
//! because a job carries the event as it came.

use std::fmt;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// What happened, to what, and who is to hear of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventData {
    /// One line; may be empty, but must be there.
    pub title: String,
    /// What happened, in the publisher's words.
    pub description: Option<String>,
    /// Page of the subject: a path below the site's address, or an absolute link.
    pub url: Option<String>,
    /// REST resource of the subject, likewise.
    pub url_api: Option<String>,
    /// Font Awesome icon name of the alert.
    pub icon: Option<String>,
    /// The part of the publisher that speaks, e.g. `Push to JIRA`.
    pub source: Option<String>,
    /// Product type concerned.
    pub product_type: Option<NamedObject>,
    /// Product concerned; its viewers are the audience.
    pub product: Option<ProductObject>,
    /// Engagement concerned.
    pub engagement: Option<EngagementObject>,
    /// Test concerned.
    pub test: Option<TestObject>,
    /// Finding concerned.
    pub finding: Option<FindingObject>,
    /// The object the call was about, where it was passed without a type of its own.
    pub obj: Option<ObjectRef>,
    /// Findings of a scan by what became of them, or a plain list (`sla_breach_combined`).
    pub findings: Option<Findings>,
    /// How many findings a scan created or updated.
    pub finding_count: Option<i64>,
    /// How many findings each list has, where the event tells only a part of them.
    pub findings_counts: Option<FindingsCounts>,
    /// Who asks for a review, or wrote the note.
    pub requested_by: Option<Person>,
    /// Whose review is asked for.
    pub reviewers: Option<Vec<Person>>,
    /// The note that mentions someone, or that goes with a review request.
    pub note: Option<String>,
    /// What a note was written on, e.g. `Finding: SQL injection`.
    pub section: Option<String>,
    /// Days until the SLA ends; negative once it is over.
    pub sla_age: Option<i64>,
    /// `breached`, `breaching` or `prebreach`.
    pub breach_kind: Option<String>,
    /// Risk acceptance that has expired or soon will.
    pub risk_acceptance: Option<RiskAcceptanceObject>,
    /// Findings that the risk acceptance covers.
    pub accepted_findings: Option<Vec<FindingObject>>,
    /// Findings that came back when it expired.
    pub reactivated_findings: Option<Vec<FindingObject>>,
    /// Directed event: only these hear of it. Absent or null: everyone who may and wants to.
    /// A null in the list (DefectDojo sends one for an engagement without a lead) names nobody.
    pub recipients: Option<Vec<Option<UserRef>>>,
    /// Only the system's own channels hear of it.
    #[serde(default)]
    pub no_users: bool,
    /// Only in-app alerts are made.
    #[serde(default)]
    pub alert_only: bool,
    /// Username on whose behalf the publisher ran; told, never judged.
    pub actor: Option<String>,
}

/// A recipient as a publisher names one: by username, or by the user's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum UserRef {
    /// The user's id in DefectDojo.
    Id(i64),
    /// The exact username.
    Username(String),
}

impl fmt::Display for UserRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "#{id}"),
            Self::Username(name) => f.write_str(name),
        }
    }
}

// What is of one form or another is told apart by its form: reading it by trial, as serde
// derives it, copies it first, and says of a fault only that nothing fits.

impl<'de> Deserialize<'de> for UserRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl Visitor<'_> for Form {
            type Value = UserRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a username or a user's id")
            }

            fn visit_i64<E: Error>(self, id: i64) -> Result<UserRef, E> {
                Ok(UserRef::Id(id))
            }

            fn visit_u64<E: Error>(self, id: u64) -> Result<UserRef, E> {
                let too_large = |_| E::invalid_value(Unexpected::Unsigned(id), &self);
                i64::try_from(id).map(UserRef::Id).map_err(too_large)
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<UserRef, E> {
                Ok(UserRef::Username(name.to_owned()))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

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

/// A finding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingObject {
    /// Its id in DefectDojo.
    pub id: i64,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// `Critical`, `High`, `Medium`, `Low` or `Info`.
    #[serde(default)]
    pub severity: String,
    /// Whether it is open.
    #[serde(default)]
    pub active: Option<bool>,
    /// Whether somebody confirmed it.
    #[serde(default)]
    pub verified: Option<bool>,
    /// The day it was found.
    #[serde(default)]
    pub date: Option<NaiveDate>,
    /// The day its SLA ends.
    #[serde(default)]
    pub sla_expiration_date: Option<NaiveDate>,
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

/// Findings of an event: sorted by a scan into what became of them, or a plain list.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Findings {
    /// `scan_added`, `scan_added_empty`.
    Scan(Box<ScanFindings>),
    /// `sla_breach_combined`.
    List(Vec<FindingObject>),
}

impl<'de> Deserialize<'de> for Findings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Findings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lists of findings by name, or a list of findings")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Findings, A::Error> {
                let lists = Box::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Findings::Scan(lists))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Findings, A::Error> {
                let list = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(Findings::List(list))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

/// What a scan did to findings, each list sorted by severity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ScanFindings {
    /// Seen for the first time.
    pub new: Vec<FindingObject>,
    /// Was closed, is back.
    pub reactivated: Vec<FindingObject>,
    /// No longer reported, closed.
    pub mitigated: Vec<FindingObject>,
    /// Reported before and still there.
    pub untouched: Vec<FindingObject>,
    /// New, but a duplicate of a known one.
    pub new_duplicate: Vec<FindingObject>,
    /// Back, but a duplicate.
    pub reactivated_duplicate: Vec<FindingObject>,
    /// Still there, a duplicate.
    pub untouched_duplicate: Vec<FindingObject>,
}

impl ScanFindings {
    /// The lists with their names, in the order of the wire.
    #[must_use]
    pub fn lists(&self) -> [(&'static str, &[FindingObject]); 7] {
        [
            ("new", &self.new),
            ("reactivated", &self.reactivated),
            ("mitigated", &self.mitigated),
            ("untouched", &self.untouched),
            ("new_duplicate", &self.new_duplicate),
            ("reactivated_duplicate", &self.reactivated_duplicate),
            ("untouched_duplicate", &self.untouched_duplicate),
        ]
    }
}

/// How many findings each list has, told or not; `list` for a plain one.
pub type FindingsCounts = std::collections::BTreeMap<String, u64>;
