//! The message for an old Teams connector: a `MessageCard` (learn.microsoft.com, "Legacy
//! actionable message card reference").
//!
//! The event's texts stand in sections whose markdown is switched off. What remains there
//! is HTML, so they are escaped.

use serde_json::{Value, json};

use crate::findings::{FindingGroup, FindingLine};
use crate::layout::budget::{Budget, fitting};
use crate::layout::teams::fits;
use crate::message::Message;
use crate::text;

/// The message as the body of a request to a connector's address.
#[must_use]
pub fn connector(message: &Message) -> Value {
    fitting(|budget| card(message, budget), fits)
}

fn card(message: &Message, budget: Budget) -> Value {
    let mut card = json!({
        "@type": "MessageCard",
        "@context": "https://schema.org/extensions",
        "summary": text::shortened(&message.title, budget.text),
        "sections": sections(message, budget),
    });
    if let Some(href) = message.href() {
        card["potentialAction"] = json!([{
            "@type": "OpenUri",
            "name": "See the details",
            "targets": [{ "os": "default", "uri": href }],
        }]);
    }
    card
}

fn sections(message: &Message, budget: Budget) -> Vec<Value> {
    let facts: Vec<Value> = message
        .facts
        .iter()
        .take(budget.facts)
        .map(|fact| json!({ "name": fact.label, "value": html(&fact.value, budget.value) }))
        .collect();
    let said = json!({
        "activityTitle": html(&message.title, budget.text),
        "activitySubtitle": html(&message.category, budget.value),
        "text": html(&message.text, budget.text),
        "facts": facts,
        "markdown": false,
    });
    let apart = |text: &String| section(&html(text, budget.note));
    let note = message.note.as_ref().map(apart);
    let groups = message.groups.iter().take(budget.groups);
    let groups = groups.map(|group| listed(group, budget));
    let beyond = message.groups.len().saturating_sub(budget.groups);
    let beyond = (beyond > 0).then(|| section(&format!("and {beyond} more products")));
    let disclaimer = message.disclaimer.as_ref().map(apart);
    [said]
        .into_iter()
        .chain(note)
        .chain(groups)
        .chain(beyond)
        .chain(disclaimer)
        .collect()
}

fn section(html: &str) -> Value {
    json!({ "text": html, "markdown": false })
}

fn listed(group: &FindingGroup, budget: Budget) -> Value {
    let mut lines = vec![html(&group.heading(), usize::MAX)];
    let findings = group.findings.iter().take(budget.findings);
    lines.extend(findings.map(|finding| item(finding, budget)));
    let beyond = group.beyond(budget.findings);
    if beyond > 0 && budget.findings > 0 {
        let more = format!("and {beyond} more");
        lines.push(match &group.more {
            Some(href) => link(href, &more),
            None => more,
        });
    }
    section(&lines.join("<br>"))
}

fn item(finding: &FindingLine, budget: Budget) -> String {
    let severity = finding.severity.as_deref().unwrap_or_default();
    let severity = html(severity, budget.value);
    let title = link(&finding.href, &html(&finding.title, budget.value));
    let dates = finding
        .dates
        .as_ref()
        .map(|dates| format!(" ({dates})"))
        .unwrap_or_default();
    let blank = if severity.is_empty() { "" } else { " " };
    format!("• {severity}{blank}{title}{dates}")
}

/// A link around HTML.
fn link(href: &str, html: &str) -> String {
    format!("<a href=\"{}\">{html}</a>", escaped(href))
}

/// The text as HTML, cut to a limit before it is escaped.
fn html(text: &str, limit: usize) -> String {
    escaped(&text::shortened(text, limit)).replace('\n', "<br>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
