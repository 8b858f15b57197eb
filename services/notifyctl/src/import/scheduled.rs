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

#[cfg(test)]
mod tests {
    use super::*;

    /// Findings as a running DefectDojo gives them.
    const FINDINGS: &str = include_str!("../../../../tests/fixtures/defectdojo-api/findings.json");

    /// The first recorded finding with other members, mapped.
    fn finding_with(members: &Value) -> Result<Value, serde_json::Error> {
        let mut from: Vec<Value> = serde_json::from_str(FINDINGS)?;
        for (name, value) in members.as_object().into_iter().flatten() {
            from[0][name] = value.clone();
        }
        Ok(finding(&from[0], &Lookups::default())?.remove(0).value)
    }

    #[test]
    fn a_finding_has_a_jira_issue_if_it_or_its_group_has_one() -> Result<(), serde_json::Error> {
        let has = |members: Value| Ok(finding_with(&members)?["has_jira_issue"] == true);
        let own = json!({ "jira_creation": "2026-11-22T02:36:13Z" });
        let groups = json!({ "finding_groups": [{ "id": 1, "jira_issue": { "id": 7 } }] });
        let without = json!({ "finding_groups": [{ "id": 1, "jira_issue": null }] });
        let all: Result<Vec<bool>, serde_json::Error> = [json!({}), own, groups, without]
            .map(has)
            .into_iter()
            .collect();
        assert_eq!(all?, [false, true, true, false]);
        Ok(())
    }

    #[test]
    fn what_is_unset_has_its_default() -> Result<(), serde_json::Error> {
        let finding = finding_with(&json!({ "verified": null, "sla_expiration_date": null }))?;
        assert_eq!(finding["verified"], false);
        assert_eq!(finding["sla_expiration_date"], Value::Null);
        Ok(())
    }

    #[test]
    fn a_risk_acceptance_belongs_to_the_engagement_that_names_it() -> Result<(), serde_json::Error>
    {
        let lookups = Lookups {
            acceptances: [(5, (1, 8))].into(),
            ..Lookups::default()
        };
        let from = json!({ "id": 5, "name": "Accepted", "accepted_findings": [9, 3] });
        let mapped = risk_acceptance(&from, &lookups)?.remove(0).value;
        assert_eq!([&mapped["engagement"], &mapped["product"]], [1, 8]);
        assert_eq!(mapped["accepted_findings"], json!([3, 9]));
        Ok(())
    }
}
