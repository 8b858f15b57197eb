//! The facts under a message: what it is about, by label and value.

use proto_events::payload::{EventData, Findings};

use crate::findings::{FindingGroup, day, remaining};
use crate::link::{Link, Object, Site};
use crate::terms::{expiration, person};
use crate::text;

/// One line of the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is, e.g. `Product`.
    pub label: &'static str,
    /// One line of text, never empty.
    pub value: String,
    /// The page of what is named.
    pub href: Option<String>,
}

/// Collects facts; one without a value is no fact.
struct Facts(Vec<Fact>);

impl Facts {
    fn text(&mut self, label: &'static str, value: Option<impl AsRef<str>>) {
        self.page(label, value, None);
    }

    fn page(&mut self, label: &'static str, value: Option<impl AsRef<str>>, href: Option<String>) {
        let value = value
            .map(|value| text::title(value.as_ref()))
            .filter(|value| !value.is_empty());
        self.0
            .extend(value.map(|value| Fact { label, value, href }));
    }
}

/// The facts of an event, in the order of DefectDojo's hierarchy, then who and why.
pub(crate) fn of(
    data: &EventData,
    groups: &[FindingGroup],
    site: &Site<'_>,
    link: Option<&Link>,
) -> Vec<Fact> {
    let mut facts = Facts(Vec::new());
    hierarchy(&mut facts, data, site);
    finding(&mut facts, data, site);
    risk_acceptance(&mut facts, data, link);
    facts.text("Findings", scan_totals(data, groups));
    let asked = if data.section.is_some() {
        "Written by"
    } else {
        "Requested by"
    };
    facts.text(asked, data.requested_by.as_ref().map(person));
    let reviewers: Vec<String> = data.reviewers.iter().flatten().map(person).collect();
    facts.text("Reviewers", Some(reviewers.join(", ")));
    facts.text("Note on", data.section.as_ref());
    facts.text("Reported by", data.source.as_ref());
    let named = |actor: &&String| {
        data.requested_by
            .as_ref()
            .is_some_and(|person| person.username == **actor)
    };
    facts.text(
        "Caused by",
        data.actor.as_ref().filter(|actor| !named(actor)),
    );
    facts.text(
        "Address",
        link.filter(|link| link.href.is_none())
            .map(|link| &link.absolute),
    );
    facts.0
}

fn hierarchy(facts: &mut Facts, data: &EventData, site: &Site<'_>) {
    if let Some(product_type) = &data.product_type {
        facts.page(
            "Product type",
            Some(&product_type.name),
            Some(site.page(Object::ProductType, product_type.id)),
        );
    }
    if let Some(product) = &data.product {
        facts.page(
            "Product",
            Some(&product.name),
            Some(site.page(Object::Product, product.id)),
        );
        facts.text("Tags", Some(product.tags.join(", ")));
    }
    if let Some(engagement) = &data.engagement {
        facts.page(
            "Engagement",
            Some(&engagement.name),
            Some(site.page(Object::Engagement, engagement.id)),
        );
        facts.text("Lead", engagement.lead.as_ref());
    }
    if let Some(test) = &data.test {
        let name = test.display.as_ref().unwrap_or(&test.title);
        facts.page("Test", Some(name), Some(site.page(Object::Test, test.id)));
    }
}

fn finding(facts: &mut Facts, data: &EventData, site: &Site<'_>) {
    if let Some(finding) = &data.finding {
        facts.page(
            "Finding",
            Some(&finding.title),
            Some(site.page(Object::Finding, finding.id)),
        );
        facts.text("Severity", Some(&finding.severity));
        facts.text("Found", finding.date.map(day));
        facts.text("SLA ends", finding.sla_expiration_date.map(day));
    }
    facts.text("SLA", data.sla_age.map(remaining));
}

fn risk_acceptance(facts: &mut Facts, data: &EventData, link: Option<&Link>) {
    if let Some(risk) = &data.risk_acceptance {
        facts.page(
            "Risk acceptance",
            Some(&risk.name),
            link.and_then(|link| link.href.clone()),
        );
        facts.text("Owner", risk.owner.as_ref());
        facts.text("Expires", expiration(risk));
    }
}

/// What a scan did, zeros included: that nothing was closed is news too.
fn scan_totals(data: &EventData, groups: &[FindingGroup]) -> Option<String> {
    let Some(Findings::Scan(_)) = &data.findings else {
        return None;
    };
    let total = |name: &str| {
        groups
            .iter()
            .find(|group| group.name == name)
            .map_or(0, |group| group.total)
    };
    let duplicates: u64 = groups
        .iter()
        .filter(|group| group.name.ends_with("_duplicate"))
        // The counts are the publisher's, who may write any.
        .fold(0, |sum, group| sum.saturating_add(group.total));
    let mut totals = format!(
        "{} new, {} reactivated, {} closed, {} unchanged",
        total("new"),
        total("reactivated"),
        total("mitigated"),
        total("untouched")
    );
    if duplicates > 0 {
        totals.push_str(&format!(", {}", text::counted(duplicates, "duplicate")));
    }
    Some(totals)
}
