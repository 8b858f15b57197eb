//! The `data` of an event: what DefectDojo's call sites pass on.
//!
//! Only what the services read is typed. Unknown members are legal, and travel on
//! because a job carries the event as it came.

mod findings;
mod objects;

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

pub use findings::{FindingObject, Findings, FindingsCounts, ScanFindings};
pub use objects::{
    EngagementObject, NamedObject, ObjectRef, Person, ProductObject, RiskAcceptanceObject,
    TestObject,
};

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
