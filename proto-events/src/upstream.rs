//! What changes of the directory tell beyond [`crate::directory`]: the objects that the
//! scheduler reads, and what it needs of a product. Names of members are DefectDojo's.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A product as upstream tells it: what access depends on, and what the SLA depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductFacts {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The type it belongs to.
    pub product_type: i64,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Nobody is told of SLA breaches of its findings.
    #[serde(default)]
    pub disable_sla_breach_notifications: bool,
    /// Its SLA configuration; null if it is not told. Then a finding's own `sla_expiration_date`
    /// is all that counts.
    #[serde(default)]
    pub sla_configuration: Option<SlaConfiguration>,
}

/// How many days each severity has (1 to 36,500), and whether that is enforced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SlaConfiguration {
    /// Days for a critical finding.
    #[schemars(range(min = 1, max = 36_500))]
    pub critical: i32,
    /// Whether critical findings have an SLA.
    pub enforce_critical: bool,
    /// Days for a high one.
    #[schemars(range(min = 1, max = 36_500))]
    pub high: i32,
    /// Whether high ones have an SLA.
    pub enforce_high: bool,
    /// Days for a medium one.
    #[schemars(range(min = 1, max = 36_500))]
    pub medium: i32,
    /// Whether medium ones have an SLA.
    pub enforce_medium: bool,
    /// Days for a low one.
    #[schemars(range(min = 1, max = 36_500))]
    pub low: i32,
    /// Whether low ones have an SLA.
    pub enforce_low: bool,
}

impl Default for SlaConfiguration {
    /// DefectDojo's defaults (`SLA_Configuration` in `models.py`).
    fn default() -> Self {
        Self {
            critical: 7,
            enforce_critical: true,
            high: 30,
            enforce_high: true,
            medium: 90,
            enforce_medium: true,
            low: 120,
            enforce_low: true,
        }
    }
}

/// An engagement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Engagement {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its name; may be empty.
    #[serde(default)]
    pub name: String,
    /// The product it belongs to.
    pub product: i64,
    /// Id of the user who leads it. Whether there is such a user is not asked.
    #[serde(default)]
    pub lead: Option<i64>,
    /// First day.
    pub target_start: NaiveDate,
    /// Last day.
    pub target_end: NaiveDate,
    /// DefectDojo's status, e.g. `In Progress`.
    #[serde(default)]
    pub status: String,
    /// Whether it is open.
    #[serde(default = "yes")]
    pub active: bool,
}

/// A test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Test {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its title; may be empty.
    #[serde(default)]
    pub title: String,
    /// The engagement it belongs to.
    pub engagement: i64,
}

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Severity {
    /// Critical.
    Critical,
    /// High.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
    /// For information; has no SLA.
    Info,
}

/// A finding: what its SLA depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// The test it was found in; its product is the test's engagement's.
    pub test: i64,
    /// How severe it is.
    pub severity: Severity,
    /// The day it was found.
    pub date: NaiveDate,
    /// The day its SLA counts from, if that is another one.
    #[serde(default)]
    pub sla_start_date: Option<NaiveDate>,
    /// The day its SLA ends; null if none is enforced for its severity, or if the product's
    /// configuration is to say.
    #[serde(default)]
    pub sla_expiration_date: Option<NaiveDate>,
    /// Whether it is active.
    pub active: bool,
    /// Whether somebody verified it.
    #[serde(default)]
    pub verified: bool,
    /// Whether it is mitigated.
    #[serde(default)]
    pub is_mitigated: bool,
    /// Whether it is a false positive.
    #[serde(default)]
    pub false_p: bool,
    /// Whether it is a duplicate of another.
    #[serde(default)]
    pub duplicate: bool,
    /// Whether its risk is accepted.
    #[serde(default)]
    pub risk_accepted: bool,
    /// Whether it, or its group, is linked to a JIRA issue.
    #[serde(default)]
    pub has_jira_issue: bool,
}

/// A risk acceptance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RiskAcceptance {
    /// Id in DefectDojo.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The product it belongs to, where it is known.
    #[serde(default)]
    pub product: Option<i64>,
    /// The engagement it belongs to, where it is known.
    #[serde(default)]
    pub engagement: Option<i64>,
    /// When it expires; null if it never does.
    #[serde(default)]
    pub expiration_date: Option<DateTime<Utc>>,
    /// When people were told that it will expire; null if they were not.
    #[serde(default)]
    pub expiration_date_warned: Option<DateTime<Utc>>,
    /// When DefectDojo dealt with its expiration; null if it did not.
    #[serde(default)]
    pub expiration_date_handled: Option<DateTime<Utc>>,
    /// Whether its findings become active again when it expires.
    #[serde(default = "yes")]
    pub reactivate_expired: bool,
    /// Whether their SLA starts anew then.
    #[serde(default)]
    pub restart_sla_expired: bool,
    /// Ids of the accepted findings. Whether there are such findings is not asked.
    #[serde(default)]
    pub accepted_findings: Vec<i64>,
}

const fn yes() -> bool {
    true
}
