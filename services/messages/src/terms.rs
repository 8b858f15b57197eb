//! The words that a template of the catalogue can use. What an event does not carry is
//! undefined there: false in a condition, nothing in a text.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use minijinja::Value;
use proto_events::EventName;
use proto_events::payload::{EventData, Person, RiskAcceptanceObject};

use crate::findings::{FindingGroup, day, remaining};
use crate::link::Link;
use crate::{Context, Sensitivity, text};

/// The name of every term there can be.
pub(crate) const NAMES: [&str; 33] = [
    "actor",
    "category",
    "channel",
    "description",
    "due",
    "engagement",
    "event",
    "expired",
    "expires",
    "finding",
    "finding_count",
    "found",
    "kind",
    "lead",
    "link_only",
    "personal",
    "place",
    "product",
    "product_type",
    "reactivates",
    "redacted",
    "remaining",
    "requested_by",
    "restarts_sla",
    "reviewers",
    "risk_acceptance",
    "severities",
    "severity",
    "sla_age",
    "test",
    "title",
    "totals",
    "url",
];

/// What the terms are made of.
pub(crate) struct Source<'a> {
    pub(crate) name: &'a EventName,
    pub(crate) data: &'a EventData,
    pub(crate) category: &'a str,
    pub(crate) groups: &'a [FindingGroup],
    pub(crate) link: Option<&'a Link>,
    pub(crate) today: Option<NaiveDate>,
    pub(crate) context: &'a Context<'a>,
}

/// The terms by name.
pub(crate) type Terms = BTreeMap<&'static str, Value>;

impl Source<'_> {
    pub(crate) fn terms(&self) -> Terms {
        let mut terms = Terms::from([
            ("event", text::title(self.name.as_str()).into()),
            ("category", self.category.into()),
            ("channel", self.context.channel.as_str().into()),
            ("personal", self.context.personal.into()),
            ("redacted", self.context.redacted.into()),
            (
                "link_only",
                (self.context.sensitivity == Sensitivity::LinkOnly).into(),
            ),
        ]);
        let texts = self
            .names()
            .into_iter()
            .chain(self.finding())
            .chain(self.circumstances());
        terms.extend(
            texts.filter_map(|(name, text)| {
                Some((name, text.filter(|text| !text.is_empty())?.into()))
            }),
        );
        self.count(&mut terms);
        self.risk_acceptance(&mut terms);
        terms
    }

    /// The objects, by the names that people know.
    fn names(&self) -> [(&'static str, Option<String>); 6] {
        let data = self.data;
        let name = |name: &String| text::title(name);
        [
            (
                "product_type",
                data.product_type.as_ref().map(|o| name(&o.name)),
            ),
            ("product", data.product.as_ref().map(|o| name(&o.name))),
            (
                "engagement",
                data.engagement.as_ref().map(|o| name(&o.name)),
            ),
            (
                "lead",
                data.engagement
                    .as_ref()
                    .and_then(|o| o.lead.as_ref())
                    .map(name),
            ),
            (
                "test",
                data.test
                    .as_ref()
                    .map(|o| name(o.display.as_ref().unwrap_or(&o.title))),
            ),
            ("actor", data.actor.as_ref().map(name)),
        ]
    }

    fn finding(&self) -> [(&'static str, Option<String>); 4] {
        let finding = self.data.finding.as_ref();
        [
            (
                "finding",
                finding.map(|finding| text::title(&finding.title)),
            ),
            (
                "severity",
                finding.map(|finding| text::title(&finding.severity)),
            ),
            ("found", finding.and_then(|finding| finding.date).map(day)),
            (
                "due",
                finding
                    .and_then(|finding| finding.sla_expiration_date)
                    .map(day),
            ),
        ]
    }

    fn circumstances(&self) -> [(&'static str, Option<String>); 8] {
        let data = self.data;
        let reviewers: Vec<String> = data.reviewers.iter().flatten().map(person).collect();
        [
            ("title", Some(text::title(&data.title))),
            ("url", self.link.and_then(|link| link.href.clone())),
            ("description", data.description.as_deref().map(text::lines)),
            ("place", data.section.as_deref().map(place)),
            ("requested_by", data.requested_by.as_ref().map(person)),
            ("reviewers", Some(reviewers.join(", "))),
            ("remaining", data.sla_age.map(remaining)),
            ("kind", data.breach_kind.clone()),
        ]
    }

    fn count(&self, terms: &mut Terms) {
        let totals: BTreeMap<&str, u64> = self
            .groups
            .iter()
            .map(|group| (group.name, group.total))
            .collect();
        let severities: BTreeMap<&str, String> = self
            .groups
            .iter()
            .filter_map(|group| Some((group.name, group.severities.clone()?)))
            .collect();
        terms.insert("totals", totals.into());
        terms.insert("severities", severities.into());
        if let Some(count) = self.data.finding_count {
            terms.insert("finding_count", count.into());
        }
        if let Some(days) = self.data.sla_age {
            terms.insert("sla_age", days.into());
        }
    }

    fn risk_acceptance(&self, terms: &mut Terms) {
        let Some(risk) = &self.data.risk_acceptance else {
            return;
        };
        terms.insert("risk_acceptance", text::title(&risk.name).into());
        if let Some(expires) = expiration(risk) {
            terms.insert("expires", expires.into());
        }
        for (name, said) in [
            ("reactivates", risk.reactivate_expired),
            ("restarts_sla", risk.restart_sla_expired),
        ] {
            terms.insert(name, said.unwrap_or_default().into());
        }
        let ended = ends_on(risk)
            .zip(self.today)
            .is_some_and(|(end, today)| end <= today);
        terms.insert(
            "expired",
            (ended || self.data.reactivated_findings.is_some()).into(),
        );
    }
}

/// `First Last (username)`, as DefectDojo shows a user.
pub(crate) fn person(person: &Person) -> String {
    let name = text::title(&format!("{} {}", person.first_name, person.last_name));
    let username = text::title(&person.username);
    match (name.is_empty(), username.is_empty()) {
        (true, true) => format!("User {}", person.id),
        (true, false) => username,
        (false, true) => name,
        (false, false) => format!("{name} ({username})"),
    }
}

/// The day on which a risk acceptance ends; the publisher's own text if it is no time.
pub(crate) fn expiration(risk: &RiskAcceptanceObject) -> Option<String> {
    let given = risk
        .expiration_date
        .as_deref()
        .map(text::title)
        .filter(|given| !given.is_empty())?;
    Some(ends_on(risk).map_or(given, day))
}

fn ends_on(risk: &RiskAcceptanceObject) -> Option<NaiveDate> {
    let given = risk.expiration_date.as_deref()?;
    DateTime::parse_from_rfc3339(given)
        .map(|time| time.date_naive())
        .or_else(|_| given.parse())
        .ok()
}

/// What a note was written on: `Finding: SQL injection` becomes `the finding “SQL injection”`.
fn place(section: &str) -> String {
    let section = text::title(section);
    match section.split_once(": ") {
        // DefectDojo writes a test without a title as "Test: None".
        Some((kind, "None")) => format!("the {}", kind.to_lowercase()),
        Some((kind, name)) => format!("the {} “{name}”", kind.to_lowercase()),
        None if section.is_empty() => section,
        None => format!("“{section}”"),
    }
}

#[cfg(test)]
mod tests {
    use proto_events::Channel;

    use super::*;
    use crate::findings::Grouping;
    use crate::link::Site;
    use crate::sample;

    #[test]
    fn every_term_has_its_name_and_the_sample_gives_a_value_to_each()
    -> Result<(), proto_events::Unreadable> {
        let event = sample::event()?;
        let settings = sample::settings();
        let context = sample::context(Channel::Slack, &settings);
        let site = Site::new(context.site_url);
        let groups = Grouping::new(&site, None, None).of(&event.data);
        let terms = Source {
            name: &event.name,
            data: &event.data,
            category: "Sample",
            groups: &groups,
            link: Link::on(&site, Some("/x")).as_ref(),
            today: None,
            context: &context,
        }
        .terms();
        let names: Vec<&str> = terms.into_keys().collect();
        assert_eq!(names, NAMES);
        Ok(())
    }
}
