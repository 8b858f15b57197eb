//! What the scheduler reads, from the API's form to ours: engagements, tests, findings and
//! risk acceptances.

use proto_events::Kind;
use proto_events::upstream::{Engagement, Finding, RiskAcceptance, Test};
use serde::Deserialize;
use serde_json::{Value, json};

use super::lookups::Lookups;
use super::resources::{Mapped, Object};

/// `engagements`: what a risk acceptance is put together of.
#[derive(Deserialize)]
pub(super) struct Accepting {
    /// The engagement.
    pub(super) id: i64,
    /// Its product.
    pub(super) product: i64,
    /// Ids of its risk acceptances, which do not name it themselves.
    #[serde(default)]
    pub(super) risk_acceptance: Vec<i64>,
}

/// An engagement.
pub(super) fn engagement(from: &Value, _: &Lookups) -> Mapped {
    Object::of(Kind::Engagement, &Engagement::deserialize(&present(from))?)
}

/// A test. One without a title goes by its type's name, as DefectDojo shows it.
pub(super) fn test(from: &Value, _: &Lookups) -> Mapped {
    let mut test = Test::deserialize(&present(from))?;
    if test.title.is_empty() {
        let name = from["test_type_name"].as_str();
        name.unwrap_or_default().clone_into(&mut test.title);
    }
    Object::of(Kind::Test, &test)
}

/// A finding. Whether it has a JIRA issue shows in the times of its own one, or in its
/// groups'.
pub(super) fn finding(from: &Value, _: &Lookups) -> Mapped {
    let mut finding = Finding::deserialize(&present(from))?;
    let groups = from["finding_groups"].as_array();
    finding.has_jira_issue = !from["jira_creation"].is_null()
        || !from["jira_change"].is_null()
        || groups.is_some_and(|groups| groups.iter().any(|group| !group["jira_issue"].is_null()));
    Object::of(Kind::Finding, &finding)
}

/// A risk acceptance, with the engagement that it belongs to.
pub(super) fn risk_acceptance(from: &Value, lookups: &Lookups) -> Mapped {
    let mut acceptance = RiskAcceptance::deserialize(&present(from))?;
    if let Some((engagement, product)) = lookups.acceptances.get(&acceptance.id) {
        acceptance.engagement = Some(*engagement);
        acceptance.product = Some(*product);
    }
    acceptance.accepted_findings.sort_unstable();
    Object::of(Kind::RiskAcceptance, &acceptance)
}

/// An object without its members that are null: what is unset has its default.
pub(super) fn present(from: &Value) -> Value {
    let Value::Object(members) = from else {
        return from.clone();
    };
    let set = members.iter().filter(|(_, value)| !value.is_null());
    json!(set.collect::<std::collections::BTreeMap<_, _>>())
}
