//! Findings for people: sorted by severity, counted, the first of them listed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use proto_events::payload::{EventData, FindingObject, Findings};
use proto_events::trim::FINDINGS;

use crate::link::{Object, Site};
use crate::text;

/// The severities, worst first (DefectDojo `Finding.SEVERITIES`).
const SEVERITIES: [&str; 5] = ["Critical", "High", "Medium", "Low", "Info"];

/// The list of findings whose SLA ends or has ended.
const SLA: &str = "list";

/// Findings that share a fate, e.g. those that a scan saw for the first time; of a digest, events
/// about one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingGroup {
    /// The list's name in the event, e.g. `new`; empty in a digest.
    pub name: &'static str,
    /// What became of them, in words; the product's name.
    pub label: Cow<'static, str>,
    /// How many there are, listed or not.
    pub total: u64,
    /// How many of each severity, in words; none if the event told only a part of them.
    pub severities: Option<String>,
    /// The worst of them, at most [`FINDINGS`].
    pub findings: Vec<FindingLine>,
    /// Where the others can be seen.
    pub more: Option<String>,
}

impl FindingGroup {
    /// How many remain beyond the first `shown`.
    #[must_use]
    pub fn beyond(&self, shown: usize) -> u64 {
        self.total
            .saturating_sub(self.findings.len().min(shown) as u64)
    }

    /// Label and counts, e.g. `New: 3 (1 Critical, 2 High)`.
    #[must_use]
    pub fn heading(&self) -> String {
        match &self.severities {
            Some(severities) => format!("{}: {} ({severities})", self.label, self.total),
            None => format!("{}: {}", self.label, self.total),
        }
    }
}

/// One finding of a list, or one event of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingLine {
    /// Its severity, which may be empty; an event has none.
    pub severity: Option<String>,
    /// Its title; its id where it has none.
    pub title: String,
    /// Its page.
    pub href: String,
    /// When it was found and when its SLA ends, where the event says so; what kind of event it is.
    pub dates: Option<String>,
}

/// The findings, worst first; equal ones keep their order.
pub(crate) fn worst_first(findings: &[FindingObject]) -> Vec<&FindingObject> {
    let mut sorted: Vec<&FindingObject> = findings.iter().collect();
    sorted.sort_by_key(|finding| rank(&finding.severity));
    sorted
}

/// The findings, worst first, and of equal severity the one first whose SLA ends first.
fn most_urgent_first(findings: &[FindingObject]) -> Vec<&FindingObject> {
    let mut sorted = worst_first(findings);
    sorted.sort_by_key(|finding| {
        let due = finding.sla_expiration_date;
        (rank(&finding.severity), due.is_none(), due)
    });
    sorted
}

/// Position of a severity in the order of DefectDojo; an unknown one comes last.
fn rank(severity: &str) -> usize {
    SEVERITIES
        .iter()
        .position(|known| *known == severity)
        .unwrap_or(SEVERITIES.len())
}

/// What groups are made with, besides the lists themselves.
pub(crate) struct Grouping<'a> {
    site: &'a Site<'a>,
    /// Day of the event: what is overdue is overdue on that day.
    today: Option<NaiveDate>,
    /// Where findings that are not listed can be seen.
    more: Option<String>,
}

impl<'a> Grouping<'a> {
    pub(crate) const fn new(
        site: &'a Site<'a>,
        today: Option<NaiveDate>,
        more: Option<String>,
    ) -> Self {
        Self { site, today, more }
    }

    /// The groups of an event that have findings, in the order people care for.
    pub(crate) fn of(&self, data: &EventData) -> Vec<FindingGroup> {
        let mut groups = Vec::new();
        let mut add = |name, label, findings: &[FindingObject]| {
            let counted = data
                .findings_counts
                .as_ref()
                .and_then(|counts| counts.get(name))
                .copied();
            groups.extend(self.group(name, label, findings, counted));
        };
        match &data.findings {
            Some(Findings::Scan(scan)) => {
                for (name, findings) in scan.lists() {
                    add(name, scan_label(name), findings);
                }
            }
            Some(Findings::List(findings)) => {
                add(SLA, breach_label(data.breach_kind.as_deref()), findings);
            }
            None => {}
        }
        add(
            "accepted_findings",
            "Accepted",
            data.accepted_findings.as_deref().unwrap_or_default(),
        );
        add(
            "reactivated_findings",
            "Active again",
            data.reactivated_findings.as_deref().unwrap_or_default(),
        );
        groups
    }

    fn group(
        &self,
        name: &'static str,
        label: &'static str,
        findings: &[FindingObject],
        counted: Option<u64>,
    ) -> Option<FindingGroup> {
        let told = findings.len() as u64;
        let total = counted.unwrap_or(told).max(told);
        (total > 0).then(|| FindingGroup {
            name,
            label: label.into(),
            total,
            severities: (total == told).then(|| self.by_severity(name, findings)),
            findings: most_urgent_first(findings)
                .into_iter()
                .take(FINDINGS)
                .map(|finding| self.line(finding))
                .collect(),
            more: self.more.clone(),
        })
    }

    /// `3 Critical, 1 Low`; what has no known severity is `unrated`. Where the news is that SLAs have
    /// ended, with how long ago the first of each severity did: `3 Critical up to 5 days overdue, 1 Low`.
    fn by_severity(&self, list: &str, findings: &[FindingObject]) -> String {
        let today = self.today.filter(|_| list == SLA);
        let mut counts: BTreeMap<usize, (usize, i64)> = BTreeMap::new();
        for finding in findings {
            let overdue = finding.sla_expiration_date.zip(today);
            let overdue = overdue.map_or(0, |(due, today)| (today - due).num_days());
            let (count, longest) = counts.entry(rank(&finding.severity)).or_default();
            *count += 1;
            *longest = overdue.max(*longest);
        }
        let name = |rank: usize| SEVERITIES.get(rank).copied().unwrap_or("unrated");
        let parts: Vec<String> = counts
            .into_iter()
            .map(|(rank, (count, longest))| match (longest, count) {
                (0, _) => format!("{count} {}", name(rank)),
                (_, 1) => format!("{count} {} {}", name(rank), remaining(-longest)),
                _ => format!("{count} {} up to {}", name(rank), remaining(-longest)),
            })
            .collect();
        parts.join(", ")
    }

    fn line(&self, finding: &FindingObject) -> FindingLine {
        let title = text::title(&finding.title);
        FindingLine {
            severity: Some(text::title(&finding.severity)),
            title: if title.is_empty() {
                format!("Finding {}", finding.id)
            } else {
                title
            },
            href: self.site.page(Object::Finding, finding.id),
            dates: self.dates(finding),
        }
    }

    fn dates(&self, finding: &FindingObject) -> Option<String> {
        let found = finding.date.map(|date| format!("found {}", day(date)));
        let due = finding.sla_expiration_date.map(|due| match self.today {
            Some(today) if due < today => format!(
                "SLA ended {}, {}",
                day(due),
                remaining((due - today).num_days())
            ),
            Some(today) => format!(
                "SLA ends {}, {}",
                day(due),
                remaining((due - today).num_days())
            ),
            None => format!("SLA ends {}", day(due)),
        });
        let parts: Vec<String> = [found, due].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

fn scan_label(name: &str) -> &'static str {
    match name {
        "new" => "New",
        "reactivated" => "Reactivated",
        "mitigated" => "Closed",
        "untouched" => "Unchanged",
        "new_duplicate" => "New duplicates",
        "reactivated_duplicate" => "Reactivated duplicates",
        _ => "Unchanged duplicates",
    }
}

fn breach_label(kind: Option<&str>) -> &'static str {
    match kind {
        Some("breached") => "SLA has ended",
        Some("breaching") => "SLA ends today",
        Some("prebreach") => "SLA ends soon",
        _ => "Findings",
    }
}

/// A day as DefectDojo writes it in titles, e.g. `Nov 27, 2026`.
pub(crate) fn day(date: NaiveDate) -> String {
    date.format("%b %-d, %Y").to_string()
}

/// `2 days overdue`, `today`, `3 days left`.
pub(crate) fn remaining(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1.. => format!("{} left", text::counted(days.unsigned_abs(), "day")),
        _ => format!("{} overdue", text::counted(days.unsigned_abs(), "day")),
    }
}
